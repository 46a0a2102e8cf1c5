"""From a checkpoint to the ONNX file that ships."""
