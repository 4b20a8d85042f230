"""Fields as an electrode maps them: noise in the image, through front end and network."""
