"""A transcript is ELMO 1.5, valid by its schema, and signed over its very bytes."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey

from region_node.domain.credential import Issuer
from region_node.domain.elmo import NAMESPACE, write_transcript
from region_node.domain.outcome import Outcome, OutcomeStatus
from schema.agreements import OutcomeKind, SkillLevel
from tests.node.conftest import CERTIFICATE_NAME
from tests.node.credentials.conftest import Holder

EUROPASS = "http://europass.cedefop.europa.eu/Europass/V2.0"
ADDRESS = "https://github.com/erasmus-without-paper/ewp-specs-types-address/tree/stable-v1"
XSD = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
TYPES = {
    # ELMO's schema imports these two from elsewhere; of one it uses a code type, of the other an address.
    EUROPASS: '<xs:simpleType name="countryCode"><xs:restriction base="xs:string">'
    '<xs:pattern value="[A-Z]{2}"/></xs:restriction></xs:simpleType>',
    ADDRESS: '<xs:complexType name="FlexibleAddress"/>',
}


@pytest.fixture(scope="module")
def elmo(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> xmlschema.XMLSchema:
    """The schema, with what it imports from elsewhere taken from the library or stood in for."""
    folder = tmp_path_factory.mktemp("elmo")
    text = (shared / "data" / "elmo_v1_schema.xsd").read_text(encoding="utf-8")
    known = Path(xmlschema.__file__).parent / "schemas"
    places = {
        "http://www.w3.org/XML/1998/namespace": known / "XML" / "xml.xsd",
        "http://www.w3.org/2000/09/xmldsig#": known / "DSIG" / "xmldsig-core-schema.xsd",
        EUROPASS: stand_in(folder, "europass", EUROPASS),
        ADDRESS: stand_in(folder, "address", ADDRESS),
    }
    for namespace, file in places.items():
        imported = re.compile(rf'(namespace="{re.escape(namespace)}" schemaLocation=")[^"]+')
        text, count = imported.subn(rf"\g<1>{file.as_uri()}", text)
        assert count == 1
    own = folder / "elmo.xsd"
    own.write_text(text, encoding="utf-8")
    return xmlschema.XMLSchema(str(own), allow="local", use_fallback=False)


def stand_in(folder: Path, name: str, namespace: str) -> Path:
    file = folder / f"{name}.xsd"
    file.write_text(f'<xs:schema {XSD} targetNamespace="{namespace}">{TYPES[namespace]}</xs:schema>')
    return file


async def test_a_transcript_is_valid_and_signed(holder: Holder, elmo: xmlschema.XMLSchema) -> None:
    data = await holder.asker.ask(
        'query($a: ID!) { transcript(account: $a) { xml signature } region(code: "320000") { signingKey } }',
        a=holder.account,
    )
    xml = data["transcript"]["xml"]
    elmo.validate(xml)
    root = ElementTree.fromstring(xml)  # noqa: S314 - our own
    titles = [
        one.text for one in root.iterfind(f".//{{{NAMESPACE}}}learningOpportunitySpecification/{{*}}title")
    ]
    assert titles == [CERTIFICATE_NAME, "网络营销"]
    assert [one.text for one in root.iterfind(f".//{{{NAMESPACE}}}credit/{{*}}value")] == ["8.0", "2.0"]
    key = OKPKey.import_key(json.loads(data["region"]["signingKey"]))
    signature = data["transcript"]["signature"]
    jws.deserialize_compact(signature, key, algorithms=["Ed25519"], payload=xml.encode())
    forged = xml.replace("8.0", "9.0").encode()
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(signature, key, algorithms=["Ed25519"], payload=forged)


def test_the_schema_refuses_what_is_no_transcript(elmo: xmlschema.XMLSchema) -> None:
    xml = write_transcript(ISSUER, "L-X", [], NOW)
    elmo.validate(xml)
    assert not elmo.is_valid(xml.replace("familyName", "surname"))
    assert not elmo.is_valid(xml.replace(">CN<", ">China<"))


ISSUER = Issuer("320000", "江苏省学分银行", "https://bank.example")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
texts = st.text(min_size=1, max_size=30)


@given(
    title=texts, organisation=st.none() | texts, number=st.none() | texts, kind=st.sampled_from(OutcomeKind)
)
def test_any_text_that_a_bank_can_hold_makes_valid_xml(
    elmo: xmlschema.XMLSchema, title: str, organisation: str | None, number: str | None, kind: OutcomeKind
) -> None:
    level = SkillLevel.ADVANCED if kind is OutcomeKind.X_CERTIFICATE else None
    outcome = Outcome(
        id="320000-O-X_1",
        account_id="320000-A-X",
        learner_id="L-X",
        kind=kind,
        title=title,
        status=OutcomeStatus.VERIFIED,
        credits=56,
        core_credits=56,
        flexible_credits=0,
        issued_on=date(2026, 5, 1),
        examined_on=date(2026, 5, 1),
        submitted_on=date(2026, 5, 1),
        level=level,
        organisation=organisation,
        certificate_number=number,
    )
    elmo.validate(write_transcript(ISSUER, "L-X", [outcome], NOW))
