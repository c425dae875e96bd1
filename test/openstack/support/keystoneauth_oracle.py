"""Logs in as keystoneauth and openstacksdk do, and asks for an image.

Standard input is one JSON object with a list of `logins`; standard output is one with `options`, what each way to log in
takes, and with `outcomes`, an answer for each login: whether it went well, or how it failed. What was asked of servers is
for the servers to tell.
"""

import argparse
import json
import os
import sys
import warnings

from keystoneauth1 import loading
from keystoneauth1 import session as sessions
from openstack import config
from oslo_config import cfg

IMAGE = '/v2/images/11111111-2222-4333-8444-555555555555'


def from_cloud(login):
    """A cloud of clouds.yaml, as openstacksdk finds it."""
    clouds = config.OpenStackConfig(
        config_files=[login['clouds']], secure_files=[login['secure']], vendor_files=[login['public']])
    return asked_of(clouds.get_one(cloud=login['cloud'], region_name=login['region']))


def from_environment(login):
    """The environment, which is one more cloud to openstacksdk."""
    return asked_of(config.OpenStackConfig(load_yaml_config=False).get_one())


def asked_of(cloud):
    where = {'service_type': 'image', 'interface': cloud.get_interface('image')}
    return cloud.get_session(), dict(where, region_name=cloud.get_region_name('image'))


def from_flags(login):
    """The command line of a program that uses keystoneauth."""
    parser = argparse.ArgumentParser()
    loading.register_auth_argparse_arguments(parser, login['args'], default='password')
    loading.register_adapter_argparse_arguments(parser, service_type='image')
    given = parser.parse_args(login['args'])
    where = {'service_type': 'image', 'interface': given.os_interface, 'region_name': given.os_region_name}
    return sessions.Session(auth=loading.load_auth_from_argparse_arguments(given)), where


def from_file(login):
    """A group of a configuration file."""
    conf = cfg.ConfigOpts()
    group = login['group']
    loading.register_auth_conf_options(conf, group)
    loading.register_session_conf_options(conf, group)
    loading.register_adapter_conf_options(conf, group)
    conf([], default_config_files=[login['file']], default_config_dirs=[])
    if conf[group].auth_section:
        loading.register_auth_conf_options(conf, group)
    auth = loading.load_auth_from_conf_options(conf, group)
    interfaces = conf[group].valid_interfaces
    where = {'service_type': 'image', 'interface': interfaces, 'region_name': conf[group].region_name}
    return loading.load_session_from_conf_options(conf, group, auth=auth), where


SOURCES = {'cloud': from_cloud, 'environment': from_environment, 'flags': from_flags, 'file': from_file}


def outcome(login):
    """What comes of a login. argparse ends the program where it does not like the arguments."""
    saved = dict(os.environ)
    os.environ.update(login['env'])
    try:
        session, where = SOURCES[login['kind']](login)
        session.get(IMAGE, endpoint_filter=where, raise_exc=False)
        return {}
    except (Exception, SystemExit) as error:
        return {'error': f'{type(error).__name__}: {error}'}
    finally:
        os.environ.clear()
        os.environ.update(saved)


def described(option):
    """An option as all sources see it."""
    return {
        'name': option.name,
        'dest': option.dest,
        'former': [former.name for former in option.deprecated],
        'secret': option.secret,
        'flags': option.argparse_args,
    }


def main():
    warnings.simplefilter('ignore')
    request = json.load(sys.stdin)
    loaders = loading.get_available_plugin_loaders()
    options = {name: [described(option) for option in loader.get_options()] for name, loader in loaders.items()}
    answer = {'options': options, 'outcomes': [outcome(login) for login in request['logins']]}
    json.dump(answer, sys.stdout)


main()
