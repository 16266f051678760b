"""Trainings on a Ray cluster: connect to it, check its nodes, and let Ray Tune place the trials.

The lineage and all decisions stay in the process that asked for them; a node only makes run
directories, in a folder that all nodes share. Ray is imported in this room alone, when a cluster is
asked for.
"""

from imgclass.improvement.cluster.connection import connected
from imgclass.improvement.cluster.nodes import is_busy, require_equal_nodes
from imgclass.improvement.cluster.placement import OnCluster

__all__ = ["OnCluster", "connected", "is_busy", "require_equal_nodes"]
