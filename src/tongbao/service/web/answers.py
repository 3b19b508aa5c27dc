"""What the front itself answers: files of the pages, a few words where there are none, and refusals."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

from tongbao.errors import RequestError
from tongbao.protocol.problem import problem_of
from tongbao.service.problems import problem_response
from tongbao.service.revalidation import is_known
from tongbao.service.web.headers import ANSWER_HEADERS, PAGE_HEADERS
from tongbao.service.web.pages import Page

__all__ = ["json_response", "missing_pages", "page_response", "redirect", "refusal"]

_GZIP: Final = "gzip"
_NO_QUALITY: Final = frozenset({"q=0", "q=0.0", "q=0.00", "q=0.000"})

_MISSING: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tongbao</title></head>
<body>
<h1>This installation has no pages</h1>
<p>The servers run; what people see was left out when the package was installed, because there was no Node.js 20.19 or
a later 20, or 22.12 or newer, with npm, or because npm could not fetch what it builds with. Install Node.js and then
the package again, with <code>TONGBAO_BUILD_PAGES=require</code> to be told what stands in the way, or install a wheel
that has the pages.</p>
<h2 lang="zh-CN">此安装没有页面</h2>
<p lang="zh-CN">服务器在运行；安装时没有 Node.js 20.19 或之后的 20 版、22.12 或更新版本（含 npm），
或 npm 取不到构建所需的包，因此没有构建页面。请安装 Node.js 后重新安装本软件包，
并设置 <code>TONGBAO_BUILD_PAGES=require</code> 以查看原因；或安装自带页面的 wheel。</p>
</body>
</html>
"""


def page_response(page: Page, headers: Headers) -> Response:
    """The file, packed where the browser can unpack it, or the word that the browser has it already."""
    packs = page.packed is not None and _accepts_gzip(headers.get("accept-encoding", ""))
    # Two forms of one file are two things to whoever keeps them.
    tag = f'"{page.tag}-{_GZIP}"' if packs else f'"{page.tag}"'
    sent = {**PAGE_HEADERS, "cache-control": page.cache_control, "etag": tag, "vary": "accept-encoding"}
    if is_known(tag, headers.get("if-none-match", "")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=sent)
    if packs:
        sent["content-encoding"] = _GZIP
    # Not by `media_type`, to which the framework would add a second charset.
    return Response(page.packed if packs else page.body, headers={**sent, "content-type": page.media_type})


def _accepts_gzip(accepted: str) -> bool:
    for each in accepted.lower().split(","):
        coding, _, parameter = each.partition(";")
        if coding.strip() in {_GZIP, "*"}:
            return parameter.replace(" ", "") not in _NO_QUALITY
    return False


def missing_pages() -> Response:
    """In place of every page, where the installation has none: what is missing, and the cure."""
    headers = {**PAGE_HEADERS, "cache-control": "no-store", "content-type": "text/html; charset=utf-8"}
    return Response(_MISSING, HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)


def json_response(document: bytes) -> Response:
    """A document that may be another one tomorrow."""
    return Response(document, headers={**ANSWER_HEADERS, "cache-control": "no-cache"}, media_type="application/json")


def redirect(path: str) -> Response:
    """To another path of this origin, whatever name the browser knows it by."""
    return Response(status_code=HTTPStatus.PERMANENT_REDIRECT, headers={**PAGE_HEADERS, "location": path})


def refusal(error: RequestError, headers: Mapping[str, str] | None = None) -> Response:
    """The problem document of an error."""
    return problem_response(problem_of(error), headers={**ANSWER_HEADERS, **(headers or {})})
