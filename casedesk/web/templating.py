"""Templates compiled for pages of a thousand pieces: words and plain text go out without Jinja's detours.

A call of ``_("...")`` passes three calls through the context before it reaches the catalogue, and every piece of text
becomes a Markup object that is joined at once. Both are a fifth of what a page costs; what they say is the same.
"""

import re
from functools import lru_cache
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from casedesk.web import locale

_special = re.compile("[&<>\"']").search

MOST_WORDS = 8_192
"""Sentences of the templates in both languages, with room; `ngettext` and dynamic words pass by."""


class Code(CodeGenerator):
    """Jinja's code, but for two kinds of expression."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        context = frame.eval_ctx
        if context.autoescape and not context.volatile and finalize.src is None:
            self.write("environment.escaped(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def visit_Call(  # noqa: N802 - the name that Jinja calls
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        if not _is_words(node):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write("environment.said(")
        self.visit(node.args[0], frame)
        for given in node.kwargs:
            self.write(f", {given.key}=")
            self.visit(given.value, frame)
        self.write(")")


class DeskEnvironment(Environment):
    """The templates' environment; `said` and `escaped` are called by their compiled code."""

    code_generator_class = Code

    @staticmethod
    def said(message: str, **values: Any) -> str:
        """`message` in the reader's language; `values` are escaped, it is a format string also without any."""
        if values:
            return _message(locale.language(), message) % values
        return _sentence(locale.language(), message)

    @staticmethod
    def escaped(value: Any) -> str:
        """`value` as a piece of the page: the same characters as `markupsafe.escape`, mostly without an object more."""
        kind = type(value)
        if kind is Markup or (kind is str and not _special(value)):
            plain: str = value
            return plain
        return str(value) if kind is int else escape(value)


def init_app(app: Flask) -> None:
    """Before anything touches `app.jinja_env`."""
    app.jinja_environment = DeskEnvironment


def _is_words(node: nodes.Call) -> bool:
    """Is this ``_("...", name=...)`` with its words written out?"""
    return (
        isinstance(node.node, nodes.Name)
        and node.node.name == "_"
        and len(node.args) == 1
        and isinstance(node.args[0], nodes.Const)
        and node.dyn_args is None
        and node.dyn_kwargs is None
    )


@lru_cache(maxsize=MOST_WORDS)
def _message(language: str, message: str) -> Markup:
    """The words of a catalogue, which is read once a process."""
    return Markup(locale.translations(language).gettext(message))  # noqa: S704 - templates and catalogues are ours


@lru_cache(maxsize=MOST_WORDS)
def _sentence(language: str, message: str) -> Markup:
    """The words where nothing is filled in."""
    return _message(language, message) % {}
