"""report.html: what a run or a sweep found, on one page that needs nothing but a browser.

`due` tells whether a page has to be made, without importing what makes it. A page is made of facts
(`runs`, `sweeps`) by the templates of this folder; it holds its pictures, its style and its script,
and asks for nothing from anywhere.
"""
