"""The other side of the npm package `serverless-slspack`: the Framework's resolved service in, artifacts out.

For each thing that it wants done the plugin starts `slspack hook serverless`, writes one JSON object to its standard
input and reads JSON lines from its standard output (`docs/reference/serverless-hook.md`).
"""
