"""Put two figures of a run side by side: the README's picture of what one gets.

neurosim run v1 --out runs/picture
python verification/readme_picture.py runs/picture docs/pictures/v1_fields.png
"""

import argparse
from pathlib import Path

from PIL import Image

_FIGURES = ("image_fields", "v1_properties")
_HEIGHT, _GAP = 620, 24


def main() -> None:
    """Read the figures of the run's folder and write the picture, in few colours and so in few bytes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="the folder of a run of the recipe `v1`")
    parser.add_argument("picture", type=Path, help="the PNG file to write")
    arguments = parser.parse_args()
    figures = [Image.open(arguments.run / "figures" / f"{name}.png").convert("RGB") for name in _FIGURES]
    sized = [
        f.resize((round(f.width * _HEIGHT / f.height), _HEIGHT), Image.Resampling.LANCZOS) for f in figures
    ]
    page = Image.new("RGB", (sum(f.width for f in sized) + _GAP * (len(sized) - 1), _HEIGHT), "white")
    left = 0
    for figure in sized:
        page.paste(figure, (left, 0))
        left += figure.width + _GAP
    page.quantize(64).save(arguments.picture, optimize=True)


if __name__ == "__main__":
    main()
