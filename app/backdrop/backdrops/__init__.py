"""What can be put behind the person: blur, a picture, a video, a colour."""
