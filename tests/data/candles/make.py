# Makes the Parquet files beside it: one hour of made-up minutes, one of them missing, written as different writers write it.
import numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq, polars as pl

rng = np.random.default_rng(7)
t0 = 1767225600
t = np.array([t0 + 60*i for i in range(60) if i != 17], dtype=np.int64)
close = np.round(100 * np.cumprod(1 + rng.normal(0, 0.0005, len(t))), 2)
open_ = np.concatenate([[100.0], close[:-1]])
high = np.round(np.maximum(open_, close) + 0.05, 2); low = np.round(np.minimum(open_, close) - 0.05, 2)
vol = np.round(rng.uniform(0.1, 9, len(t)), 5)
df = pd.DataFrame({"timestamp": t, "open": open_, "high": high, "low": low, "close": close, "volume": vol})
df.to_csv("minutes.csv", index=False)
# pandas, snappy, nanoseconds; the index is stored as a column, and there is one more that nobody asked for.
a = df.copy(); a["timestamp"] = pd.to_datetime(a["timestamp"], unit="s", utc=True).astype("datetime64[ns, UTC]"); a["trades"] = 5
a.set_index("timestamp").to_parquet("pandas-index-ns.parquet")
# Seconds as floats, as Hummingbot's own caches have them; other columns between.
b = df.copy(); b["timestamp"] = b["timestamp"].astype(float)
b = b[["volume", "timestamp", "close", "open", "high", "low"]]; b.insert(2, "quote_asset_volume", 1.5)
b.to_parquet("hummingbot-floats.parquet")
# Milliseconds as a plain number, zstd, dictionary off.
c = df.copy(); c["timestamp"] *= 1000
c.to_parquet("plain-ms-zstd.parquet", compression="zstd", index=False)
# polars: microseconds, zstd by itself.
pl.DataFrame({k: df[k].to_numpy() for k in df}).with_columns((pl.col("timestamp")*1_000_000).cast(pl.Datetime("us"))).write_parquet("polars-us.parquet")
# pyarrow: milliseconds of the day, floats of 32 bits, several row groups, data pages of version 2, gzip
d = pa.table({"timestamp": pa.array(t*1000, pa.timestamp("ms")), **{k: pa.array(df[k].to_numpy().astype(np.float32)) for k in ["open","high","low","close","volume"]}})
pq.write_table(d, "arrow-ms-groups.parquet", row_group_size=20, data_page_version="2.0", compression="none")
pq.write_table(d, "gzip.parquet", compression="gzip")
# pandas legacy: 96-bit
pq.write_table(pa.Table.from_pandas(a.reset_index(), preserve_index=False), "int96.parquet", use_deprecated_int96_timestamps=True)
# faults
e = df.copy(); e.loc[3, "high"] = np.nan; e.to_parquet("bad-nan.parquet", index=False)
f = df.rename(columns={"volume": "vol"}); f.to_parquet("bad-column.parquet", index=False)
g = df.copy(); g["open"] = g["open"].astype(str); g.to_parquet("bad-text.parquet", index=False)
h = pa.table({"timestamp": pa.array([t0, None], pa.int64()), **{k: pa.array([1.0, 1.0]) for k in ["open","high","low","close","volume"]}})
pq.write_table(h, "bad-null.parquet")
df.iloc[::-1].to_parquet("bad-order.parquet", index=False)
