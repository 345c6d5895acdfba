"""Where an instance lives, and where credentials must not go."""

import httpx
import pytest

from connector.errors import AuthFailed, ContractViolation
from connector.psa.connectwise.discovery import address, is_cloud, site_url

CLOUD = {
    "Codebase": "v2020_4/",
    "VersionCode": "v2020.4",
    "IsCloud": True,
    "SiteUrl": "api-na.myconnectwise.net",
}


@pytest.mark.parametrize("is_cloud_as", [True, "True", "true"])
def test_the_cloud_names_its_api_host_and_codebase(is_cloud_as):
    found = address(site_url("na.myconnectwise.net"), CLOUD | {"IsCloud": is_cloud_as})
    assert found.base == "https://api-na.myconnectwise.net/v2020_4/apis/3.0/"


@pytest.mark.parametrize("is_cloud_as", [True, "True"])
def test_a_cloud_without_site_url_gets_the_api_prefix(is_cloud_as):
    found = address(site_url("eu.myconnectwise.net"), {"Codebase": "v2025_1", "IsCloud": is_cloud_as})
    assert found.base == "https://api-eu.myconnectwise.net/v2025_1/apis/3.0/"


def test_on_premises_keeps_its_host_and_the_old_codebase():
    found = address(site_url("psa.msp.example"), {"Codebase": "v4_6_release/", "IsCloud": False})
    assert found.base == "https://psa.msp.example/v4_6_release/apis/3.0/"
    assert address(site_url("psa.msp.example"), {}).codebase == "v4_6_release/"


def test_a_simulator_keeps_scheme_host_and_port():
    info = {"Codebase": "v2025_1/", "IsCloud": True, "SiteUrl": "api-na.myconnectwise.net"}
    assert address(site_url("http://127.0.0.1:8123"), info).base == "http://127.0.0.1:8123/v2025_1/apis/3.0/"


@pytest.mark.parametrize(
    "named", ["evil.example", "http://api-na.myconnectwise.net", "na.myconnectwise.net.evil.example"]
)
def test_credentials_are_not_sent_to_a_strange_host(named):
    with pytest.raises(AuthFailed, match="credentials are not sent"):
        address(site_url("na.myconnectwise.net"), CLOUD | {"SiteUrl": named})


@pytest.mark.parametrize("codebase", ["../x/", "v1/../../", "https://x/", "v1?x"])
def test_a_codebase_is_a_folder_and_nothing_else(codebase):
    with pytest.raises(ContractViolation):
        address(site_url("psa.msp.example"), {"Codebase": codebase})


@pytest.mark.parametrize(
    "site", ["http://psa.msp.example", "ftp://x", "", "https://user:pw@x.example", "http://10.0.0.1"]
)
def test_plain_http_is_for_loopback_only(site):
    with pytest.raises((ValueError, httpx.InvalidURL)):
        site_url(site)


@pytest.mark.parametrize(
    ("host", "cloud"),
    [
        ("api-na.myconnectwise.net", True),
        ("sandbox-eu.myconnectwise.net", True),
        ("STAGING.connectwisedev.com", True),
        ("evil-na.myconnectwise.net", False),
        ("na.myconnectwise.net.evil.example", False),
        ("myconnectwise.net", False),
    ],
)
def test_cloud_hosts(host, cloud):
    assert is_cloud(host) is cloud
