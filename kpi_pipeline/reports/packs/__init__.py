"""Periodic reports: what one period says, built once from history, and written as HTML, JSON, PDF, Excel or mail.

`build` makes a Document of blocks; each writer knows the blocks and nothing of KPIs. A report as of a past moment is
the same document, byte by byte, because nothing but history and the company's files goes into it.
"""
