"""A MOOC platform as another team would join it to the banks: its own process, library and data.

It stands in the demo since it is there to be shown, and it uses nothing else of this product: what it
knows of the banks is the code of a certificate and of a major. Nothing of it is imported by the
gateway, which is told its address and the file of its SDL.
"""
