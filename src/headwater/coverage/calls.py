"""Calls that read, write or train without Python's own `open`: what lint looks for.

What Python itself opens is seen by the net, whichever library asked; such calls are not here.
Whether one of these is seen after all is asked of the adapters (`watched`), not said here: an
adapter that is added takes its calls out of the findings by being there.

In a pattern `*` stands for a part of a name, `**` for several; `()` follows what was called, so
that `keras.**().fit` is a method of something that keras made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

READ: Final = "read"
WRITE: Final = "write"
BOTH: Final = "read or write"
TRAIN: Final = "train"
NETWORK: Final = "network"
DATABASE: Final = "database"
PROCESS: Final = "process"

REMEDIES: Final = {
    READ: "say what it reads: headwater.read(path)",
    WRITE: "say what it writes: headwater.write(path)",
    BOTH: "say what it reads and writes: headwater.read(path), headwater.write(path)",
    TRAIN: "say what model is written, and of what: headwater.model(path, inputs=[…])",
    NETWORK: "say where data comes from or goes to: headwater.read(url), headwater.write(url)",
    DATABASE: "say which tables: headwater.read(headwater.table(url, name)), headwater.write(…)",
    PROCESS: "say what it reads and writes: headwater.read(path), headwater.write(path)",
}
"""What to do about a call of each kind."""

_IN_C: Final = "opens files in compiled code"
_TRAINS: Final = "trains a model that no adapter knows"
_NETWORK: Final = "moves data over the network"
_SQL: Final = "talks to a database through a driver that no adapter knows"


class Known(NamedTuple):
    """A kind of call, and why capture would not see it."""

    kind: str
    why: str


_CALLS: Final[tuple[tuple[str, str, str], ...]] = (
    # What libraries with an adapter can do beyond it.
    (READ, _IN_C, "pandas.read_* pandas.HDFStore"),
    (WRITE, _IN_C, "pandas.**().to_csv pandas.**().to_parquet pandas.**().to_feather"
     " pandas.**().to_orc pandas.**().to_hdf pandas.**().to_excel pandas.**().to_json"
     " pandas.**().to_iceberg pandas.**().to_pickle pandas.**().to_stata pandas.**().to_xml"),
    (BOTH, "goes to a database", "pandas.read_gbq pandas.**().to_gbq"),
    (DATABASE, _SQL, "pandas.read_sql pandas.read_sql_query pandas.read_sql_table"),
    # Not read_database: it asks the program's connection, whose driver is looked at instead.
    (READ, _IN_C, "polars.read_avro polars.read_csv* polars.read_delta polars.read_excel"
     " polars.read_ipc* polars.read_json polars.read_lines polars.read_ndjson polars.read_ods"
     " polars.read_parquet* polars.scan_*"),
    (READ, "reads a database in compiled code", "polars.read_database_uri"),
    (WRITE, _IN_C, "polars.**().write_* polars.**().sink_*"),
    (READ, _IN_C, "pyarrow.memory_map pyarrow.OSFile pyarrow.csv.read_* pyarrow.csv.open_*"
     " pyarrow.json.read_* pyarrow.orc.read_* pyarrow.feather.read_* pyarrow.parquet.read_*"
     " pyarrow.dataset.dataset pyarrow.parquet.ParquetFile pyarrow.parquet.ParquetDataset"),
    (WRITE, _IN_C, "pyarrow.csv.write_* pyarrow.orc.write_* pyarrow.feather.write_*"
     " pyarrow.parquet.write_* pyarrow.dataset.write_* pyarrow.parquet.ParquetWriter"
     " pyarrow.csv.CSVWriter"),
    (DATABASE, _SQL, "duckdb.sql duckdb.execute duckdb.query duckdb.connect duckdb.read_*"
     " duckdb.connect().sql duckdb.connect().execute duckdb.from_*"),
    (DATABASE, _SQL, "sqlite3.connect"),
    (READ, _IN_C, "numpy.load numpy.loadtxt numpy.genfromtxt numpy.fromfile"
     " numpy.memmap numpy.lib.format.open_memmap"),
    (WRITE, _IN_C, "numpy.save numpy.savez numpy.savez_compressed numpy.savetxt"),
    (READ, _IN_C, "safetensors.safe_open safetensors.*.load_file safetensors.*.load_model"),
    (WRITE, _IN_C, "safetensors.*.save_file safetensors.*.save_model"),
    (READ, _IN_C, "torch.load torch.jit.load torch.from_file torch.export.load"),
    (WRITE, _IN_C, "torch.save torch.jit.save torch.export.save torch.onnx.export"),
    (READ, _IN_C, "joblib.load pickle.load"),
    (WRITE, _IN_C, "joblib.dump pickle.dump"),
    (TRAIN, _TRAINS, "sklearn.**().fit sklearn.**().fit_transform sklearn.**().fit_predict"
     " sklearn.**().partial_fit xgboost.train xgboost.cv xgboost.**().fit"
     " lightgbm.train lightgbm.cv lightgbm.**().fit"),
    (NETWORK, _NETWORK, "sklearn.datasets.fetch_* seaborn.load_dataset pandas.read_html"),
    (DATABASE, _SQL, "sqlalchemy.create_engine sqlalchemy.ext.asyncio.create_async_engine"
     " psycopg.connect psycopg.AsyncConnection.connect psycopg2.connect psycopg_pool.*"),
    # Files in formats of their own.
    (BOTH, _IN_C, "h5py.File tables.open_file netCDF4.Dataset zarr.open* tiledb.open*"
     " xarray.open_* rasterio.open fiona.open pyogrio.read_* pyogrio.write_* geopandas.read_*"
     " soundfile.read soundfile.write librosa.load torchaudio.load torchaudio.save"
     " torchvision.io.* cv2.imread cv2.imwrite cv2.VideoCapture cv2.VideoWriter av.open"
     " decord.VideoReader pyreadstat.read_* pyreadstat.write_* fastparquet.ParquetFile"
     " fastparquet.write feather.read_* feather.write_* lmdb.open rocksdb.DB plyvel.DB"
     " leveldb.LevelDB vaex.open vaex.from_* datatable.fread dbm.gnu.open dbm.ndbm.open"
     " deltalake.DeltaTable deltalake.write_deltalake lance.dataset lance.write_dataset"
     " lancedb.connect pyiceberg.catalog.load_catalog faiss.read_index faiss.write_index"
     " annoy.AnnoyIndex hnswlib.Index chromadb.PersistentClient"),
    (READ, _IN_C, "datasets.load_dataset datasets.load_from_disk tokenizers.Tokenizer.from_file"
     " onnx.load onnxruntime.InferenceSession tensorflow.io.* tensorflow.data.*"
     " tensorflow.saved_model.load tensorflow.keras.models.load_model keras.models.load_model"
     " keras.saving.load_model spacy.load gensim.models.**.load fasttext.load_model"
     " sentencepiece.SentencePieceProcessor transformers.*.from_pretrained"
     " transformers.pipeline sentence_transformers.SentenceTransformer llama_cpp.Llama"),
    (WRITE, _IN_C, "tensorflow.saved_model.save onnx.save tensorflow.keras.**().save"
     " keras.**().save keras.**().save_weights datasets.**().save_to_disk"
     " transformers.**().save_pretrained"),
    # Training.
    (TRAIN, _TRAINS, "keras.**().fit tensorflow.**().fit catboost.**().fit catboost.train"
     " catboost.cv statsmodels.**().fit prophet.Prophet().fit pmdarima.auto_arima"
     " transformers.Trainer().train transformers.**().train trl.**().train"
     " pytorch_lightning.Trainer().fit lightning.**.Trainer().fit lightning.Trainer().fit"
     " fasttext.train_* gensim.models.* spacy.training.** implicit.**().fit surprise.**().fit"
     " pyspark.ml.**().fit h2o.**().train autogluon.**().fit flaml.AutoML().fit"
     " tpot.**().fit cuml.**().fit lifelines.**().fit hmmlearn.**().fit"
     " stable_baselines3.**().learn ray.train.**().fit ray.tune.**().fit"),
    # Engines that work elsewhere, or in processes of their own.
    (BOTH, "works in processes that are no Python", "pyspark.sql.SparkSession.builder.**"
     " pyspark.SparkContext snowflake.snowpark.Session.builder.** h2o.init h2o.import_file"),
    (BOTH, "reads and writes where its scheduler says, which may be another machine",
     "dask.dataframe.read_* dask.array.from_zarr dask.bag.read_* dask.dataframe.**().to_*"),
    (BOTH, "reads and writes in workers of its own", "ray.data.read_* ray.data.**().write_*"
     " modin.pandas.read_*"),
    # Databases and queues.
    (DATABASE, _SQL, "pymysql.connect MySQLdb.connect mysql.connector.connect mariadb.connect"
     " aiomysql.connect aiomysql.create_pool pyodbc.connect turbodbc.connect pymssql.connect"
     " oracledb.connect cx_Oracle.connect asyncpg.connect asyncpg.create_pool aiopg.connect"
     " snowflake.connector.connect redshift_connector.connect databricks.sql.connect"
     " trino.dbapi.connect prestodb.dbapi.connect pyhive.*.connect impala.dbapi.connect"
     " clickhouse_connect.get_client clickhouse_driver.Client clickhouse_driver.connect"
     " google.cloud.bigquery.Client google.cloud.spanner.Client google.cloud.firestore.Client"
     " pymongo.MongoClient motor.motor_asyncio.* cassandra.cluster.Cluster redis.Redis"
     " redis.StrictRedis redis.from_url elasticsearch.Elasticsearch opensearchpy.OpenSearch"
     " neo4j.GraphDatabase.driver influxdb_client.InfluxDBClient connectorx.read_sql"
     " adbc_driver_manager.dbapi.connect adbc_driver_postgresql.dbapi.connect apsw.Connection"
     " peewee.*Database qdrant_client.QdrantClient weaviate.connect_* pinecone.Pinecone"
     " pymilvus.connections.connect pymilvus.MilvusClient"),
    (NETWORK, "sends or receives messages", "kafka.KafkaConsumer kafka.KafkaProducer"
     " confluent_kafka.Consumer confluent_kafka.Producer aiokafka.AIOKafka* pika.*Connection"
     " google.cloud.pubsub_v1.* nats.connect pulsar.Client paho.mqtt.client.Client"),
    # The network.
    (NETWORK, _NETWORK, "requests.post requests.put requests.patch requests.request"
     " requests.Session().post requests.Session().put"
     " requests.session().post httpx.get httpx.post httpx.put httpx.stream"
     " httpx.Client().get httpx.Client().post httpx.AsyncClient().get httpx.AsyncClient().post"
     " urllib.request.urlopen urllib.request.urlretrieve aiohttp.ClientSession wget.download"
     " gdown.download http.client.HTTPConnection http.client.HTTPSConnection ftplib.FTP"
     " ftplib.FTP_TLS paramiko.SSHClient().open_sftp paramiko.SFTPClient.from_transport"
     " boto3.client boto3.resource boto3.Session().client boto3.Session().resource"
     " aioboto3.Session google.cloud.storage.Client azure.storage.blob.*Client minio.Minio"
     " gcsfs.GCSFileSystem s3fs.S3FileSystem adlfs.AzureBlobFileSystem fsspec.filesystem"
     " huggingface_hub.hf_hub_download huggingface_hub.snapshot_download kaggle.api.*"
     " yfinance.download"),
    # Code that is no Python.
    (BOTH, "calls code that is no Python", "ctypes.CDLL ctypes.cdll.LoadLibrary cffi.FFI().dlopen"
     " rpy2.robjects.r oct2py.Oct2Py julia.Main.*"),
)  # fmt: skip


def find(dotted: str) -> Known | None:
    """Tell what a call is known to do, by its whole name; None for one that is not looked for."""
    root = dotted.partition(".")[0]
    for pattern, known in _by_root().get(root, ()):
        if pattern.fullmatch(dotted):
            return known
    return None


@cache
def _by_root() -> dict[str, list[tuple[re.Pattern[str], Known]]]:
    every = [(one, Known(kind, why)) for kind, why, patterns in _CALLS for one in patterns.split()]
    # The narrower of two patterns is the one with more letters.
    every.sort(key=lambda one: -len(one[0].replace("*", "")))
    found: dict[str, list[tuple[re.Pattern[str], Known]]] = {}
    for pattern, known in every:
        compiled = re.compile("".join(_pieces(pattern)))
        found.setdefault(pattern.partition(".")[0], []).append((compiled, known))
    return found


def _pieces(pattern: str) -> Iterable[str]:
    for piece in re.split(r"(\*\*|\*)", pattern):
        if piece == "**":
            yield r".*"
        elif piece == "*":
            yield r"[^.()]*"
        else:
            yield re.escape(piece)
