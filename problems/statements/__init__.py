"""Turns the statements of a package into HTML that may stand in our pages.

    markdown, latex    a source becomes the HTML of a renderer; `pandoc` is run here only, fenced in
    markup             what both have in common: samples, images, links, formulas, headings
    maths, svg, assets formulas that read well without scripts; pictures that carry none
    sanitizer          the last step, whatever the others did: an allow-list of elements and attributes

The result is described at `problems.content.Statement`.
"""
