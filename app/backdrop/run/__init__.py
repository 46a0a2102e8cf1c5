"""The threads of the line: camera thread, engine, output sink, quality controller."""
