# requirements: Pillow
# returns: "PNG"
import io
from PIL import Image, ImageDraw, ImageFont


def handler(event, context):
    b = io.BytesIO()
    i = Image.new("RGB", (8, 8))
    ImageDraw.Draw(i).text((0, 0), "x")
    i.save(b, "PNG")
    i.save(io.BytesIO(), "JPEG")
    return Image.open(io.BytesIO(b.getvalue())).format
