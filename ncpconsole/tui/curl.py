"""A line for a shell that reads one server, signed there from the environment's keys."""

from __future__ import annotations

import shlex
from urllib.parse import urlencode

SIGN = (
    "import base64,hashlib,hmac,os,sys;"
    "t,u=sys.argv[1:];"
    'm="GET %s\\n%s\\n%s"%(u,t,os.environ["NCLOUD_ACCESS_KEY"]);'
    'k=os.environ["NCLOUD_SECRET_KEY"].encode();'
    "print(base64.b64encode(hmac.new(k,m.encode(),hashlib.sha256).digest()).decode())"
)


def curl_line(base_url: str, region_code: str, server_no: str) -> str:
    """The line. It names NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY and holds neither.

    The secret is in no program's arguments either: the signature is made by reading the environment.
    """
    query = urlencode(
        {"regionCode": region_code, "serverInstanceNo": server_no, "responseFormatType": "json"}
    )
    path = f"/vserver/v2/getServerInstanceDetail?{query}"
    return (
        f"T=$(date +%s)000; U={shlex.quote(path)}; "
        f'S=$(python3 -c {shlex.quote(SIGN)} "$T" "$U"); '
        f'curl -sS {shlex.quote(base_url)}"$U" -H "x-ncp-apigw-timestamp: $T" '
        '-H "x-ncp-iam-access-key: $NCLOUD_ACCESS_KEY" -H "x-ncp-apigw-signature-v2: $S"'
    )
