"""Adding a source takes one new file: the how-to's own, put into place as a user would."""

import json
import re
import subprocess
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from aar_platform.sandbox.apis.serve import serving

HOW_TO = Path(__file__).parents[2] / "docs/how-to/add-a-source.md"
ADDED = """
import sys
import aar_platform.sources
aar_platform.sources.__path__.append(sys.argv.pop(1))
"""
DRAWN = """
import json
from pathlib import Path
from aar_platform.definitions import build_defs
from aar_platform.settings.loading import load_settings
from aar_platform.sources.api.handbook import source_pages
path = Path(sys.argv[1])
defs = build_defs(load_settings(path), path)
graph = defs.resolve_asset_graph()
feedback = next(key for key in graph.get_all_asset_keys() if key.path == ["feedback"])
print(json.dumps({
    "assets": sorted(key.to_user_string() for key in graph.get_all_asset_keys()),
    "feedback": sorted(key.to_user_string() for key in graph.get(feedback).parent_keys),
    "checks": sorted({key.asset_key.to_user_string() for key in graph.asset_check_keys}),
    "page": source_pages()["delighted.md"],
}))
"""
RUN = "from aar_platform.cli import main\nmain()\n"


async def answers(request: Request) -> JSONResponse:
    if request.headers["authorization"] != "Basic bWFya2VkLWtleTo=":
        return JSONResponse({"message": "who?"}, 401)
    rows = [
        {"id": str(i), "person": f"p{i}", "score": i % 11, "comment": None,
         "created_at": 1_735_689_600 + i, "updated_at": 1_735_689_600 + i}
        for i in range(250)
    ]  # fmt: skip
    page = int(request.query_params["page"])
    return JSONResponse(rows[(page - 1) * 100 : page * 100])


def python(tmp_path, script, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", ADDED + script, str(tmp_path / "added"), *arguments],
        capture_output=True, text=True, cwd=tmp_path,
        env={"DELIGHTED_KEY": "marked-key", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_one_new_file_brings_assets_checks_lineage_and_docs_and_its_records_arrive(tmp_path):
    (tmp_path / "added").mkdir()
    code = re.search(r"```python\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)[1]
    (tmp_path / "added/delighted.py").write_text(code, encoding="utf-8")
    app = Starlette(routes=[Route("/v1/survey_responses.json", answers)])
    with serving(app) as url:
        config = tmp_path / "aar.yaml"
        config.write_text(
            "start: 2024-01-01\nsources:\n"
            f'  - {{name: nps, kind: delighted, key: "${{DELIGHTED_KEY}}", url: "{url}/v1"}}\n'
        )
        drawn = json.loads(python(tmp_path, DRAWN, str(config)))
        assert {"extract_nps__answers", "raw_nps__answers"} <= set(drawn["assets"])
        assert drawn["feedback"] == ["raw_nps__answers"]
        assert "feedback" in drawn["checks"]
        assert drawn["page"].startswith("# Delighted\n")
        assert "one person's answer" in drawn["page"]

        assert "all is well" in python(tmp_path, RUN, "--config", str(config), "check")
        python(tmp_path, RUN, "--config", str(config), "run", "--select", '+key:"feedback"')
        found = python(
            tmp_path, RUN, "--config", str(config), "query", "--format", "json",
            "select count(*) as n, sum(score) as total, min(given_at)::varchar as first "
            "from feedback",
        )  # fmt: skip
    (row,) = json.loads(found)
    assert row["n"] == 250
    assert row["total"] == sum(i % 11 for i in range(250))
    assert row["first"].startswith("2025-01-01 00:00:00")
