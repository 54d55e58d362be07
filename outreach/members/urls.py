"""Routes of people. The invitation's token is in no path: it stands behind the # of the link (see views.joining)."""

from django.urls import path

from outreach.members.views import home, joining, people, requests, teams

urlpatterns = [
    path("", home.home, name="home"),
    path("invitation/", joining.open_link, name="invitation"),
    path("invitation/accepter/", joining.accept, name="invitation_accept"),
]

namespaces = {
    "membership": [
        path("", home.choose, name="choose"),
        path("changer/", home.switch, name="switch"),
    ],
    "coordination": [
        path("membres/", people.members, name="members"),
        path("membres/inviter/", people.invite, name="invite"),
        path("membres/invitations/<uuid:invitation>/retirer/", people.withdraw, name="invitation_withdraw"),
        path("membres/demandes/<uuid:notice>/confirmer/", requests.confirm, name="role_confirm"),
        path("membres/demandes/<uuid:notice>/retirer/", requests.cancel, name="role_cancel"),
        path("membres/<uuid:member>/", people.member, name="member"),
        path("membres/<uuid:member>/fin/", people.end, name="member_end"),
        path("membres/<uuid:member>/retour/", people.take_back, name="member_return"),
        path("membres/<uuid:member>/deconnecter/", people.sign_out, name="member_sign_out"),
        path("membres/<uuid:member>/deuxieme-etape/", people.reset_factors, name="member_reset_factors"),
        path("membres/<uuid:member>/lien/", people.new_link, name="member_link"),
        path("equipes/", teams.teams, name="teams"),
        path("equipes/<uuid:team>/", teams.set_active, name="team_active"),
    ],
    "auditing": [path("roles/<uuid:notice>/refuser/", requests.object_to, name="role_refuse")],
}
