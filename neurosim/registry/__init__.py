"""What is declared once and known everywhere: models, and the sections of a recipe that choose them."""
