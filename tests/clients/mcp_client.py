"""Speaks to an MCP server through the official Python client and prints what it understood, as JSON.

    mcp_client.py MODE QUESTIONS URL
    mcp_client.py MODE QUESTIONS COMMAND ARGUMENT…

MODE is that of the client: `auto` (finds out what the server speaks), `legacy` (begins with
`initialize`) or a revision of the protocol. QUESTIONS is a list of strings, as JSON.
"""

import asyncio
import json
import sys

from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError

mode, questions, target = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3:]
if target[0].startswith("http"):
    server = target[0]
else:
    server = stdio_client(StdioServerParameters(command=target[0], args=target[1:]))


def result(called):
    return {
        "structured": called.structured_content,
        "text": json.loads(called.content[0].text) if not called.is_error else called.content[0].text,
        "links": [str(block.uri) for block in called.content if block.type == "resource_link"],
        "error": bool(called.is_error),
    }


async def refused(call):
    try:
        await call
    except MCPError as error:
        return error.error.code
    return None


async def main():
    async with Client(server, mode=mode) as client:
        tools = await client.list_tools()
        asked = [result(await client.call_tool("ask", {"question": question})) for question in questions]
        hits = result(await client.call_tool("search", {"query": questions[0], "limit": 3}))
        hit = hits["text"]["hits"][0]
        place = {"document": hit["document"], "anchor": hit["anchor"]}
        resources = await client.list_resources()
        templates = await client.list_resource_templates()
        read = await client.read_resource(resources.resources[0].uri)
        linked = [(await client.read_resource(uri)).contents[0].text for uri in asked[0]["links"]]
        print(json.dumps({
            "version": client.protocol_version,
            "tools": [tool.name for tool in tools.tools],
            "asked": asked,
            "hits": hits,
            "passage": result(await client.call_tool("read_passage", {**place, "around": 1})),
            "resources": [str(resource.uri) for resource in resources.resources],
            "templates": [template.uri_template for template in templates.resource_templates],
            "source": read.contents[0].text,
            "linked": linked,
            "errors": {
                "unknown document": result(await client.call_tool("ask", {"question": "x", "documents": ["none"]})),
                "unknown anchor": result(await client.call_tool("read_passage", {**place, "anchor": "turn-999"})),
                "unknown argument": result(await client.call_tool("ask", {"question": "x", "mood": "good"})),
                "unknown tool": await refused(client.call_tool("write", {})),
                "unknown resource": await refused(client.read_resource("dialogdesk://documents/none")),
            },
        }))


asyncio.run(main())
