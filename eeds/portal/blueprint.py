"""The blueprint of every page."""

from flask import Blueprint

PREFIX = "/portal"

blueprint = Blueprint("portal", __name__, url_prefix=PREFIX, static_folder="static", template_folder="templates")
