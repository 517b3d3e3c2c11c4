"""The ground under maps is given in pieces, as programs that read tiles ask for it."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from frankpledge.config.environment import WrongSetting, read

pytestmark = pytest.mark.django_db
CONTENT = bytes(range(256)) * 600


@pytest.fixture
def ground(settings, tmp_path: Path) -> str:
    settings.GROUND = tmp_path / "kent.pmtiles"
    settings.GROUND.write_bytes(CONTENT)
    return reverse("map-ground")


@pytest.mark.parametrize(
    ("asked", "status", "given", "content_range"),
    [
        (None, 200, CONTENT, None),
        ("bytes=0-15", 206, CONTENT[:16], "bytes 0-15/153600"),
        ("bytes=100-90000", 206, CONTENT[100:90001], "bytes 100-90000/153600"),
        ("bytes=153000-", 206, CONTENT[153000:], "bytes 153000-153599/153600"),
        ("bytes=153590-999999", 206, CONTENT[153590:], "bytes 153590-153599/153600"),
        ("bytes=153600-", 416, b"", "bytes */153600"),
        ("bytes=9-3", 416, b"", "bytes */153600"),
        ("bytes=0-1,5-6", 200, CONTENT, None),
        ("chapters=1-2", 200, CONTENT, None),
    ],
)
def test_a_range_is_answered_with_its_bytes(ground, asked, status, given, content_range):
    answer = Client().get(ground, headers={"Range": asked} if asked else {})
    assert answer.status_code == status
    assert answer.getvalue() == given
    assert answer.headers.get("Content-Range") == content_range


def test_without_a_ground_there_is_nothing(settings, client):
    settings.GROUND = None
    assert client.get(reverse("map-ground")).status_code == 404


@pytest.mark.parametrize("value", ["/no/such.pmtiles", __file__])
def test_a_ground_that_is_no_map_stops_the_start(value):
    with pytest.raises(WrongSetting, match=r"FRANKPLEDGE_MAP_GROUND.*\.pmtiles"):
        read({"FRANKPLEDGE_MAP_GROUND": value})
