"""What glance-api does to the tables of the driver centralized_db, over the same libraries: oslo.db and SQLAlchemy.

Reads requests from standard input, one JSON array a line: [name, argument, ...]. Answers each with a line: {"ok": ...} or
{"error": "..."}. Date-times are ISO texts, as SQLAlchemy has read them.
"""
import datetime
import json
import sys
import warnings

warnings.simplefilter('ignore')

from oslo_db import exception as db_exception
from oslo_db.sqlalchemy import enginefacade, models
from oslo_utils import timeutils
import sqlalchemy as sa
from sqlalchemy.ext.declarative import declarative_base

Base = declarative_base()
Key = sa.BigInteger().with_variant(sa.Integer, 'sqlite')


class Node(models.ModelBase, Base):
    __tablename__ = 'node_reference'
    __table_args__ = (
        sa.UniqueConstraint('node_reference_url', name='uq_node_reference_node_reference_url'),
        {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8'},
    )
    node_reference_id = sa.Column(Key, primary_key=True, nullable=False, autoincrement=True)
    node_reference_url = sa.Column(sa.String(255), nullable=False)


class Cached(models.ModelBase, Base):
    __tablename__ = 'cached_images'
    __table_args__ = (
        sa.UniqueConstraint('image_id', 'node_reference_id', name='ix_cached_images_image_id_node_reference_id'),
        {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8'},
    )
    id = sa.Column(Key, primary_key=True, nullable=False, autoincrement=True)
    image_id = sa.Column(sa.String(36), nullable=False)
    last_accessed = sa.Column(sa.DateTime, nullable=False)
    last_modified = sa.Column(sa.DateTime, nullable=False)
    size = sa.Column(sa.BigInteger(), nullable=False)
    hits = sa.Column(sa.Integer, nullable=False)
    checksum = sa.Column(sa.String(32), nullable=True)
    node_reference_id = sa.Column(Key, sa.ForeignKey('node_reference.node_reference_id'), nullable=False)


class Requests:
    """A method for each request."""

    def __init__(self, url):
        # Glance's own way to an engine: its sessions have the SQL mode that oslo.db sets.
        self.context = enginefacade.transaction_context()
        self.context.configure(connection=url)
        self.writer = self.context.writer
        self.reader = self.context.reader

    def _node_id(self, session, url):
        return session.query(Node.node_reference_id).filter(Node.node_reference_url == url).scalar_subquery()

    def _row(self, session, url, image_id):
        node = self._node_id(session, url)
        return session.query(Cached).filter(Cached.image_id == image_id, Cached.node_reference_id == node)

    def make_tables(self):
        with self.writer.using(Holder()) as session:
            Base.metadata.create_all(session.connection())

    def sql_mode(self):
        with self.reader.using(Holder()) as session:
            return session.execute(sa.text('SELECT @@SESSION.sql_mode')).scalar()

    def start(self, url):
        """A glance-api starts: it makes itself known."""
        try:
            with self.writer.using(Holder()) as session:
                node = Node()
                node.node_reference_url = url
                node.save(session)
        except db_exception.DBDuplicateEntry:
            pass

    def insert(self, url, image_id, size, accessed=None, modified=None, hits=0, checksum=None):
        with self.reader.using(Holder()) as session:
            node = session.query(Node).filter(Node.node_reference_url == url).one().node_reference_id
        try:
            with self.writer.using(Holder()) as session:
                row = Cached()
                row.update({
                    'image_id': image_id,
                    'size': size,
                    'last_accessed': moment(accessed),
                    'last_modified': moment(modified),
                    'hits': hits,
                    'checksum': checksum,
                    'node_reference_id': node,
                })
                row.save(session)
        except db_exception.DBDuplicateEntry:
            return False
        return True

    def hit(self, url, image_id, times=1):
        for _ in range(times):
            with self.writer.using(Holder()) as session:
                self._row(session, url, image_id).update(
                    {'hits': Cached.hits + 1, 'last_accessed': timeutils.utcnow()}, synchronize_session='fetch')

    def remove(self, url, image_id):
        with self.writer.using(Holder()) as session:
            self._row(session, url, image_id).delete(synchronize_session=False)

    def rows(self, url):
        with self.reader.using(Holder()) as session:
            query = session.query(Cached).join(Node, Node.node_reference_id == Cached.node_reference_id, isouter=True)
            return [
                {
                    'image_id': row.image_id,
                    'last_accessed': row.last_accessed.isoformat(),
                    'last_modified': row.last_modified.isoformat(),
                    'size': row.size,
                    'hits': row.hits,
                    'checksum': row.checksum,
                }
                for row in query.filter(Node.node_reference_url == url).order_by(Cached.image_id)
            ]

    def nodes_of(self, image_id):
        with self.reader.using(Holder()) as session:
            query = session.query(Node.node_reference_url).join(
                Cached, Node.node_reference_id == Cached.node_reference_id, isouter=True)
            return [url for (url,) in query.filter(Cached.image_id == image_id)]

    def least_recently_used(self, url):
        with self.reader.using(Holder()) as session:
            query = session.query(Cached.image_id).join(
                Node, Node.node_reference_id == Cached.node_reference_id, isouter=True)
            row = query.filter(Node.node_reference_url == url).order_by(Cached.last_accessed).first()
            return None if row is None else row[0]


@enginefacade.transaction_context_provider
class Holder:
    """What oslo.db keeps a transaction in."""


def moment(text):
    return timeutils.utcnow() if text is None else datetime.datetime.fromisoformat(text)


def main():
    requests = Requests(sys.argv[1])
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = {'ok': getattr(requests, name)(*arguments)}
        except Exception as error:
            answer = {'error': '%s: %s' % (type(error).__name__, error)}
        print(json.dumps(answer), flush=True)


main()
