"""Behavioural segments: clusters of customers who buy alike."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import ibis
import ibis.expr.types as ir

from aar_platform.segments.behaviour import customer_behaviour
from aar_platform.segments.cluster_names import cluster_names
from aar_platform.segments.definition import NO_PURCHASE, as_segments, segment_scheme
from aar_platform.segments.policy import SegmentPolicy

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SCHEME = "behavioural"
EVERYONE = "All customers"
SEED = 20_050_501
FEWEST_CUSTOMERS = 20
MOST_CLUSTERS = 8
# The silhouette compares every pair: 5,000 customers are 25 million distances, 0.3 s on one core.
SILHOUETTE_CUSTOMERS = 2_000
# Up to here KMeans over all customers takes about a second; beyond, mini-batches.
BATCH_ABOVE = 50_000
SKEWED = 1.0
# Scaled features end here, so that one wholesaler among shoppers is no cluster of its own.
FURTHEST = 3.0


@segment_scheme(SCHEME)
def behavioural(
    sales: ir.Table, customers: ir.Table, scores: ir.Table, as_of: date, policy: SegmentPolicy
) -> ir.Table:
    """Customers who buy alike, clustered by what they do.

    K-means over the features of `customer_behaviour`, scaled by `scaled_features`; the number of
    clusters is `policy.behavioural.clusters`, or the one of best silhouette (Rousseeuw 1987).
    Segments are numbered from "1" by falling mean net value of their customers and named by what
    sets them apart. Seeded, and the same for the same data in whatever order it comes.

    Fewer than 20 customers with a purchase, or customers who all behave alike, are one segment
    "1", "All customers", whatever number of clusters was asked for. Customers without a purchase
    are segment "0", "No purchase yet".
    """
    behaviour = customer_behaviour(sales, customers, scores, as_of).to_pandas()
    found = assign_clusters(behaviour, policy.behavioural.clusters)
    assigned = ibis.memtable(
        found, schema={"customer_id": "string", "segment": "string", "label": "string"}
    )
    everyone = customers.select("customer_id").left_join(assigned, "customer_id")
    labelled = everyone.select(
        "customer_id",
        segment=everyone.segment.fill_null("0"),
        label=everyone.label.fill_null(NO_PURCHASE),
    )
    return as_segments(labelled, SCHEME, as_of)


def assign_clusters(behaviour: "pd.DataFrame", clusters: Literal["auto"] | int) -> "pd.DataFrame":
    """Columns customer_id, segment and label for a frame as `customer_behaviour` gives it."""
    import pandas as pd

    # Neither the order of the rows nor the ids they bear may move a cluster.
    ordered = behaviour.sort_values(
        [*behaviour.columns.drop("customer_id"), "customer_id"], ignore_index=True
    )
    whole = pd.DataFrame(
        {"customer_id": ordered["customer_id"], "segment": "1", "label": EVERYONE}
    ).astype("object")
    if len(ordered) < FEWEST_CUSTOMERS:
        return whole
    features = scaled_features(ordered.drop(columns="customer_id"))
    numbers = cluster_numbers(features.to_numpy(), clusters)
    if not numbers.any():
        return whole
    ranked = ordered["value"].groupby(numbers).mean().sort_values(ascending=False, kind="stable")
    place = pd.Series(range(1, len(ranked) + 1), index=ranked.index)
    segment = pd.Series(numbers).map(place)
    names = cluster_names(features.groupby(segment.to_numpy()).mean())
    return pd.DataFrame(
        {
            "customer_id": ordered["customer_id"],
            "segment": segment.astype(str),
            "label": segment.map(names),
        }
    )


def scaled_features(behaviour: "pd.DataFrame") -> "pd.DataFrame":
    """Features with mean 0 and standard deviation 1, the far ends drawn in to ±3.

    Where the skewness is beyond ±1 the signed logarithm is taken first: values spread over decades
    and can be negative. Features known for fewer than half of the customers or without variance
    are left out; elsewhere an unknown value stands at the mean, where it speaks for no cluster.
    """
    import numpy as np

    known = behaviour.astype("float64").replace([np.inf, -np.inf], np.nan)
    known = known.loc[:, known.notna().mean() >= 0.5]
    skewed = known.columns[known.skew().abs() > SKEWED]
    known[skewed] = np.sign(known[skewed]) * np.log1p(known[skewed].abs())
    spread = known.std(ddof=0)
    known = known.loc[:, spread > 1e-9 * known.abs().max().clip(lower=1.0)]
    scaled = (known - known.mean()) / known.std(ddof=0)
    return scaled.fillna(0.0).clip(-FURTHEST, FURTHEST)


def cluster_numbers(features: "np.ndarray", clusters: Literal["auto"] | int) -> "np.ndarray":
    """The cluster of each row, numbered from 0; all 0 where the rows do not differ."""
    import numpy as np
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    if not features.shape[1]:
        return np.zeros(len(features), dtype=int)
    distinct = len(np.unique(features.round(9), axis=0))
    # On several threads sums are taken in the order in which they finish: last digits vary.
    with threadpool_limits(limits=1):
        wanted = best_number(features) if clusters == "auto" else clusters
        if min(wanted, distinct) < 2:
            return np.zeros(len(features), dtype=int)
        fitted = _kmeans(len(features))(min(wanted, distinct)).fit(features)
    return np.unique(fitted.labels_, return_inverse=True)[1]


def best_number(features: "np.ndarray") -> int:
    """The number of clusters, 2 to 8, of best silhouette; 1 where the rows do not differ.

    Fitted and measured on at most 2,000 rows drawn with a fixed seed.
    """
    import numpy as np
    from sklearn.metrics import pairwise_distances, silhouette_score

    drawn = np.random.default_rng(SEED).permutation(len(features))[:SILHOUETTE_CUSTOMERS]
    sample = features[np.sort(drawn)]
    distinct = len(np.unique(sample.round(9), axis=0))
    distances = pairwise_distances(sample)
    np.fill_diagonal(distances, 0.0)
    found: dict[int, float] = {}
    for number in range(2, min(MOST_CLUSTERS, distinct, len(sample) - 1) + 1):
        labels = _kmeans(len(sample))(number).fit_predict(sample)
        found[number] = float(silhouette_score(distances, labels, metric="precomputed"))
    return max(found, key=lambda number: (round(found[number], 9), -number), default=1)


def _kmeans(rows: int) -> Callable[[int], Any]:
    from sklearn.cluster import KMeans, MiniBatchKMeans

    def clustering(number: int) -> Any:
        if rows > BATCH_ABOVE:
            return MiniBatchKMeans(number, random_state=SEED, n_init=10, batch_size=4_096)
        return KMeans(number, random_state=SEED, n_init=10)

    return clustering
