from pathlib import Path


def page(name):
    import render

    template = Path(__file__).parent / "templates" / "page.html"
    return render.fill(template.read_text("utf-8"), name)
