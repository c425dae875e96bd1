"""Answers what PasteDeploy makes of paste files.

Standard input is one JSON list of objects with a `text` and a `name`; standard output is a list with an answer for each:
the values of all sections, as far as Python reads them, and the filters before the application of that name. Nothing is
imported: factories stay the texts that they are.
"""

import json
import os
import sys
import tempfile

from paste.deploy import loadwsgi

APP = loadwsgi.APP


class Named:
    """A factory that is not loaded."""

    def __init__(self, name=None, group=None, value=None):
        self.value = value

    def load(self):
        return self.value


def filters(context):
    kind = context.object_type
    if kind is loadwsgi.PIPELINE:
        return [use for each in context.filter_contexts for use in filters(each)] + filters(context.app_context)
    if kind is loadwsgi.FILTER_APP:
        return filters(context.filter_context) + filters(context.next_context)
    if kind is loadwsgi.FILTER_WITH:
        return filters(context.filter_context) + filters(context.next_context)
    return [context.object] if context.protocol in ('paste.filter_factory', 'paste.filter_app_factory') else []


def answer(question, path):
    with open(path, 'w', encoding='utf-8', newline='') as file:
        file.write(question['text'])
    try:
        loader = loadwsgi.ConfigLoader(path)
    except Exception as error:
        return {'error': type(error).__name__}
    parser = loader.parser
    sections = {
        name: {key: value for key, value in parser.items(name, raw=True) if key not in ('here', '__file__')}
        for name in parser.sections()
    }
    try:
        return {'sections': sections, 'filters': filters(loader.get_context(APP, question['name']))}
    except LookupError as error:
        return {'sections': sections, 'broken': str(error)}
    except RecursionError:
        return {'sections': sections, 'broken': 'recursion'}


def main():
    loadwsgi.importlib_metadata.EntryPoint = Named
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'paste.ini')
        json.dump([answer(question, path) for question in json.load(sys.stdin)], sys.stdout)


main()
