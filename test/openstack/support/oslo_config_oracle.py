"""Answers what oslo.config makes of documents, texts and options.

Standard input is one JSON object with the lists `documents`, `texts` and `cases`; standard output is one with an answer
for each of their items. Errors are answers too.
"""

import base64
import json
import os
import re
import struct
import sys
import tempfile

from oslo_config import cfg
from oslo_config import types

TYPES = {
    'string': types.String,
    'shortString': lambda: types.String(max_length=4),
    'quotedString': lambda: types.String(quotes=True),
    'shortQuotedString': lambda: types.String(quotes=True, max_length=4),
    'quotedChoice': lambda: types.String(choices=['http', 'https'], quotes=True),
    'choice': lambda: types.String(choices=['sqlite', 'xattr', 'centralized_db'], ignore_case=True),
    'exactChoice': lambda: types.String(choices=['http', 'https']),
    'integer': types.Integer,
    'bounded': lambda: types.Integer(min=0, max=10**18),
    'port': types.Port,
    'float': types.Float,
    'boundedFloat': lambda: types.Float(min=-0.5, max=1500),
    'boolean': types.Boolean,
    'list': types.List,
    'boundedList': lambda: types.List(bounds=True),
    'quotedList': lambda: types.List(types.String(quotes=True)),
    'integerList': lambda: types.List(types.Integer(min=0, max=65536)),
    'floatList': lambda: types.List(types.Float(), bounds=True),
    'booleanList': lambda: types.List(types.Boolean()),
    'choiceList': lambda: types.List(types.String(choices=['a', 'a,b', "it's"])),
    'uriList': lambda: types.List(types.URI(schemes=['http', 'https'])),
    'dictList': lambda: types.List(types.Dict()),
    'dict': types.Dict,
    'hostAddress': types.HostAddress,
    'uri': types.URI,
    'webUri': lambda: types.URI(schemes=['http', 'https']),
    'shortUri': lambda: types.URI(max_length=16),
}


class Parser(cfg.ConfigParser):
    """The real parser, which also remembers the line of every key."""

    def __init__(self, filename):
        super().__init__(filename, {})
        self.key_line = None
        self.found = []

    def _split_key_value(self, line):
        self.key_line = self.lineno
        return super()._split_key_value(line)

    def assignment(self, key, value):
        super().assignment(key, value)
        self.found.append([self.section, key, '\n'.join(value), self.key_line])


def parse(path, data):
    with open(path, 'wb') as file:
        file.write(data)
    parser = Parser(path)
    try:
        parser.parse()
    except cfg.ParseError as error:
        # This one is noticed late, at a line that has nothing to do with it.
        late = error.msg.startswith('Section must be started')
        return {'error': error.msg, 'line': parser.key_line if late else error.lineno}
    except UnicodeDecodeError:
        return {'error': 'Invalid UTF-8', 'line': invalid_line(data)}
    return {'found': parser.found}


def invalid_line(data):
    """The line of the first invalid byte. The parser's own error counts from the start of some buffer."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return len(re.findall(rb'\r\n|\r|\n', data[:error.start])) + 1


def plain(value):
    """A value that survives JSON: integers as text, because they have no bound, floats bit by bit, dictionaries as pairs."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return 'nan' if value != value else 'bits ' + struct.pack('>d', value).hex()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return [[key, item] for key, item in value.items()]
    return value


def convert(kind, text):
    try:
        value = TYPES[kind]()(text)
    except ValueError as error:
        return {'error': str(error)}
    return {'value': plain(value), 'referenced': '' if value is None else str(value)}


def read_options(directory, case, options):
    """What each option is worth, given files and environment."""
    paths = []
    for index, text in enumerate(case['files']):
        paths.append(os.path.join(directory, f'{index}.conf'))
        with open(paths[-1], 'wb') as file:
            file.write(text.encode())
    saved = dict(os.environ)
    os.environ.update(case['env'])
    try:
        conf = cfg.ConfigOpts()
        for option in options:
            former = [cfg.DeprecatedOpt(old['name'], group=old['group']) for old in option['former']]
            maker = cfg.MultiOpt if option['multiple'] else cfg.Opt
            arguments = {'default': option['default'], 'deprecated_opts': former}
            kind = TYPES[option['type']]()
            typed = {'item_type': kind} if option['multiple'] else {'type': kind}
            group = None if option['group'] == 'DEFAULT' else option['group']
            conf.register_opt(maker(option['name'], **typed, **arguments), group=group)
        try:
            conf([], default_config_files=paths, default_config_dirs=[])
        except cfg.Error as error:
            return {'error': type(error).__name__}
        return {'options': [read_option(conf, option) for option in options]}
    finally:
        os.environ.clear()
        os.environ.update(saved)


def read_option(conf, option):
    try:
        holder = conf if option['group'] == 'DEFAULT' else conf[option['group']]
        return {'value': plain(getattr(holder, option['name']))}
    except (cfg.Error, ValueError, RecursionError) as error:
        return {'error': str(error)}


def main():
    request = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'document.conf')
        answer = {
            'documents': [parse(path, base64.b64decode(data)) for data in request['documents']],
            'texts': [convert(kind, text) for kind, text in request['texts']],
            'cases': [read_options(directory, case, request['options']) for case in request['cases']],
        }
    json.dump(answer, sys.stdout)


main()
