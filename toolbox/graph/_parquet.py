"""Tables of links and nodes as Parquet files, through pyarrow (an extra)."""

import numpy as np


def read_links(data, directed):
    """Arguments of from_edges from the bytes of a Parquet file.

    Parameters
    ----------
    data : bytes
    directed : bool or None

    Returns
    -------
    edges, weights, n_nodes, directed, names
    """
    pyarrow = _pyarrow()
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        columns = _columns(file.schema_arrow.names)
        table = file.read(columns=columns)
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(f"the Parquet is cut off or damaged ({error})") from None
    if not table.num_rows:
        raise ValueError("the Parquet holds no links")
    for name in columns:
        if missing := table[name].null_count:
            raise ValueError(f"the column {name!r} has {missing} missing values; fill or drop them")
    source, target, *weights = (table[name] for name in columns)
    weights = _weights(columns[2], weights[0]) if weights else np.ones(table.num_rows)
    edges, names = _nodes(columns[:2], source, target)
    n_nodes = int(edges.max()) + 1
    return edges, weights, n_nodes, bool(directed), names


def write_table(file, columns):
    """Write columns of equal length.

    Parameters
    ----------
    file : binary file
    columns : dict of str to array-like
    """
    pyarrow = _pyarrow()
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), file)


def _pyarrow():
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError(
            'Parquet files need pyarrow: pip install "kexue-toolbox[parquet]"'
        ) from error
    return pyarrow


def _columns(names):
    """Names of the columns to read: two or three."""
    if len(set(names)) < len(names):
        raise ValueError(f"column names must not be repeated, got {', '.join(names)}")
    if "source" in names or "target" in names:
        if not {"source", "target"} <= set(names):
            raise ValueError(f"expected columns source and target, got {', '.join(names)}")
        return ["source", "target", *(name for name in names if name == "weight")]
    if len(names) < 2:
        raise ValueError(
            f"expected columns source, target and perhaps weight, got {', '.join(names) or 'none'}"
        )
    return names[:3]


def _nodes(columns, source, target):
    """Links between rows, and the names of the rows, from two columns of ids or strings."""
    from pyarrow import types

    kinds = {_kind(types, ends.type) for ends in (source, target)}
    if len(kinds) > 1 or None in kinds:
        raise ValueError(
            f"the columns {columns[0]!r} and {columns[1]!r} must both be whole numbers or both be "
            f"strings, got {source.type} and {target.type}"
        )
    if kinds == {"string"}:
        return _named(source, target)
    ends = np.concatenate([source.cast("int64").to_numpy(), target.cast("int64").to_numpy()])
    if ends.min() < 0:
        raise ValueError(f"{ends.min()} is no node; expected whole numbers from 0")
    ids, rows = np.unique(ends, return_inverse=True)
    return rows.reshape(2, -1).T, None if ids[-1] == len(ids) - 1 else ids


def _kind(types, kind):
    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_integer(kind):
        return "number"
    is_string = types.is_string(kind) or types.is_large_string(kind) or str(kind) == "string_view"
    return "string" if is_string else None


def _named(source, target):
    """Links between rows for strings; the first to appear comes first."""
    import pyarrow

    chunks = [part for ends in (source, target) for part in ends.cast("large_string").chunks]
    coded = pyarrow.concat_arrays(chunks).dictionary_encode()
    codes = coded.indices.to_numpy().reshape(2, -1).T
    first = np.unique(codes.ravel(), return_index=True)[1]
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[codes], coded.dictionary.take(pyarrow.array(order)).to_pylist()


def _weights(name, column):
    from pyarrow import types

    kind = column.type
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)):
        raise ValueError(
            f"the weights in the column {name!r} must be numbers, got {kind}; the columns may be "
            "named source, target and weight"
        )
    weights = column.cast("float64", safe=False).to_numpy()
    bad = np.flatnonzero(~((weights >= 0) & (weights < np.inf)))
    if len(bad):
        raise ValueError(
            f"weight {weights[bad[0]]} in row {bad[0]}; expected a finite number, not negative"
        )
    return weights
