"""What an operator would write with the official Python SDK: every server of a region, as JSON."""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import Any

warnings.simplefilter("ignore")  # the SDK's source has escape sequences that Python warns of

import ncloud_vserver  # noqa: E402
from ncloud_vserver.api.v2_api import V2Api  # noqa: E402
from ncloud_vserver.model import GetServerInstanceListRequest  # noqa: E402

PAGE_SIZE = 1000

configuration = ncloud_vserver.Configuration()
configuration.host = f"{os.environ['NCLOUD_API_GW']}/vserver/v2"
configuration.access_key = os.environ["NCLOUD_ACCESS_KEY"]
configuration.secret_key = os.environ["NCLOUD_SECRET_KEY"]
client = ncloud_vserver.ApiClient(configuration)
found: list[Any] = []
page, total = 1, 1
while len(found) < total:
    request = GetServerInstanceListRequest(region_code=os.environ["NCLOUD_REGION"], page_no=page, page_size=PAGE_SIZE)
    answered = V2Api(client).get_server_instance_list(request)
    found += answered.server_instance_list
    page, total = page + 1, answered.total_rows
json.dump([one.to_dict() for one in found], sys.stdout, indent=2)
