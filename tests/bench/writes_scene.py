"""Twenty associations of ten teams, each with a lead who is signed in and a round that is open; run inside a drill's service.

Prints one JSON list of {session, round}: what a phone holds. The rows are made by the services, as the owner of the tables.
"""

import json
import sys

import django


def main(associations: int, teams: int) -> None:
    django.setup()
    from django.test import Client

    from outreach.roles import Role
    from privacy.db.scope import tenant_transaction
    from tests import factories

    phones = []
    for number in range(associations):
        names = {f"t{one}": f"Équipe {one}" for one in range(teams)}
        leads: dict[str, tuple[tuple[Role, ...], tuple[str, ...]]] = {
            f"lead{one}": ((Role.LEAD,), (f"t{one}",)) for one in range(teams)
        }
        lanterne = factories.make_association(f"maison-{number}", names, leads)
        for one in range(teams):
            with tenant_transaction(lanterne.scope(f"t{one}")):
                round_ = factories.open_round(lanterne, f"t{one}")
            client = Client()
            client.force_login(lanterne.people[f"lead{one}"].account)
            phones.append({"session": client.cookies["sessionid"].value, "round": str(round_.id)})
        print(f"association {number + 1} of {associations}", file=sys.stderr, flush=True)
    print(json.dumps(phones))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
