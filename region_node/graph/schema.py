"""The node's whole schema, composed of what each part of the bank offers, and its SDL for the contract.

Every root field and every field of Region that this region answers may be null, though a node never
leaves one so without an error: in the federated graph a silent region then costs its own field, and
not its neighbours in the same answer (docs/SHARDING.md, 6.2).
"""

from __future__ import annotations

import strawberry
from strawberry.printer import print_schema

from catalogue.graph import refer_to_national
from catalogue.roots import CatalogueQuery
from region_node.graph import enums
from region_node.graph.account_news import AccountSubscription
from region_node.graph.agreements import AgreementMutation, AgreementQuery
from region_node.graph.awards import AwardMutation
from region_node.graph.credentials import CredentialQuery
from region_node.graph.desk import DeskQuery
from region_node.graph.entities import NodeSchema
from region_node.graph.examining import ExaminingMutation, ExaminingQuery
from region_node.graph.frameworks import FrameworksMutation, FrameworksQuery
from region_node.graph.log import LogQuery
from region_node.graph.mutations import BankMutation
from region_node.graph.organisations import OrganisationsMutation, OrganisationsQuery
from region_node.graph.policy import PolicyMutation, PolicyQuery
from region_node.graph.programmes import ProgrammeMutation, ProgrammeQuery
from region_node.graph.published_inputs import PublishedInputsQuery
from region_node.graph.queries import BankQuery
from region_node.graph.recognition import RecognitionQuery
from region_node.graph.rules import RulesMutation, RulesQuery
from region_node.graph.simulation import SimulationQuery
from region_node.graph.standards import ReviewQuery, StandardsMutation, StandardsQuery
from region_node.graph.subgraph import SubgraphQuery
from region_node.graph.transfers import TransferMutation, TransferQuery
from schema.directives import LINK
from schema.graph import config

__all__ = ["SCHEMA", "enums", "export_sdl"]


@strawberry.type(description="What a regional credit bank answers (查询)")
class Query(
    BankQuery,
    AgreementQuery,
    RulesQuery,
    StandardsQuery,
    OrganisationsQuery,
    ExaminingQuery,
    PolicyQuery,
    FrameworksQuery,
    RecognitionQuery,
    PublishedInputsQuery,
    SimulationQuery,
    CredentialQuery,
    TransferQuery,
    LogQuery,
    DeskQuery,
    ProgrammeQuery,
    ReviewQuery,
    CatalogueQuery,
    SubgraphQuery,
):
    pass


@strawberry.type(description="What changes a regional credit bank's books (变更)")
class Mutation(
    BankMutation,
    AgreementMutation,
    RulesMutation,
    StandardsMutation,
    OrganisationsMutation,
    ExaminingMutation,
    PolicyMutation,
    FrameworksMutation,
    TransferMutation,
    AwardMutation,
    ProgrammeMutation,
):
    pass


@strawberry.type(description="What a regional credit bank tells as it happens (订阅)")
class Subscription(AccountSubscription):
    pass


def make_schema() -> NodeSchema:
    """The contract as this program has it, by itself: what is done to it is done to no other."""
    schema = NodeSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=config(),
        schema_directives=[LINK],
        federation_version="2.3",
    )
    refer_to_national(schema)
    return schema


SCHEMA = make_schema()


def export_sdl() -> str:
    """Return the subgraph's SDL: what `_service` answers and the contract file holds."""
    return print_schema(SCHEMA) + "\n"
