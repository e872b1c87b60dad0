"""Media files: probing, pictures, and the one launcher of ffmpeg."""
