"""General segmentation: any number of classes."""
