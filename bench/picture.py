"""The ratios as bars, each with its target as a line: one SVG, without a library."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

LABEL, BAR, ROW, WIDTH = 250, 420, 26, 740  # pixels


def draw(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows with a ratio to the reference, as a picture. Green is within the target."""
    drawn = [row for row in rows if row["x aiohttp"]]
    longest = max([1.0, *(max(row["x aiohttp"], row["aiohttp target"] or 0) for row in drawn)])
    scale, height = BAR / longest, ROW * (len(drawn) + 2)
    parts = [f'<line x1="{LABEL + scale:.0f}" x2="{LABEL + scale:.0f}" y1="{ROW}" y2="{height - ROW}" stroke="#999"/>']
    for number, row in enumerate(drawn):
        top, ratio, most = ROW * (number + 1), row["x aiohttp"], row["aiohttp target"]
        colour = "#888" if most is None else "#2a7" if ratio <= most else "#c64"
        parts.append(f'<text x="{LABEL - 8}" y="{top + 17}" text-anchor="end">{escape(row["work"])}</text>')
        parts.append(
            f'<rect x="{LABEL}" y="{top + 4}" width="{ratio * scale:.0f}" height="{ROW - 8}" fill="{colour}"/>'
        )
        parts.append(f'<text x="{LABEL + ratio * scale + 6:.0f}" y="{top + 17}">{ratio:.2f}</text>')
        if most is not None:
            at = f"{LABEL + most * scale:.0f}"
            parts.append(f'<line x1="{at}" x2="{at}" y1="{top}" y2="{top + ROW}" stroke="#000" stroke-width="2"/>')
    said = "x the raw aiohttp gateway, same run; a black line is the target"
    parts.append(f'<text x="{LABEL}" y="{height - 8}" fill="#555">{said}</text>')
    frame = f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13"'
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>', ground, *parts, "</svg>", ""])
