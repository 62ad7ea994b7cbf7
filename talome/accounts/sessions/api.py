"""Other people's sessions, for administrators; one's own are in `AuthApi`."""

from talome.accounts.sessions.models import Session, SessionsEnded
from talome.accounts.sessions.service import Sessions
from talome.core.models import Done
from talome.core.operations import Caller, operation


class SessionsApi:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @operation("GET", "/api/users/{id}/sessions", scope="users:read", risk="read")
    async def list_(self, caller: Caller, id: str) -> list[Session]:
        """List where a user is signed in, the latest used first."""
        return await self._sessions.of_user(id, current=caller.session_id)

    @operation("DELETE", "/api/users/{id}/sessions/{session}", scope="users:write", risk="modify")
    async def end(self, caller: Caller, id: str, session: str) -> Done:
        """End one session of a user."""
        await self._sessions.end(session, id)
        return Done()

    @operation("DELETE", "/api/users/{id}/sessions", scope="users:write", risk="modify")
    async def end_all(self, caller: Caller, id: str) -> SessionsEnded:
        """End all sessions of a user; of one's own, all but this one."""
        return SessionsEnded(ended=await self._sessions.end_all(id, keep=caller.session_id))
