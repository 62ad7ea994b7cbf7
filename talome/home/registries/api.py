"""Operations on sign-ins for registries."""

from typing import Annotated

from pydantic import Field, SecretStr

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.registries.models import RegistrySignIn
from talome.home.registries.service import Registries

Host = Annotated[str, Field(min_length=1, max_length=255)]
Username = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
Password = Annotated[SecretStr, Field(min_length=1, max_length=16384)]


class RegistriesApi:
    """Faces of `Registries`."""

    def __init__(self, registries: Registries) -> None:
        self._registries = registries

    @operation("GET", "/api/registries", scope="registries:read", risk="read")
    async def list_(self, caller: Caller) -> list[RegistrySignIn]:
        """The registries that need a sign-in, and whether it still works. Passwords are not told."""
        return await self._registries.all()

    @operation("POST", "/api/registries", scope="registries:write", risk="modify", status=201)
    async def add(self, caller: Caller, host: Host, username: Username, password: Password) -> RegistrySignIn:
        """Sign in to a private registry, such as ghcr.io or registry.home:5000. It is tried first, and takes the place
        of an older one of the same registry. A token with the right to read is better than a password."""
        return await self._registries.add(host, username, password.get_secret_value(), by=caller.name)

    @operation("POST", "/api/registries/{host}/check", scope="registries:write", risk="modify")
    async def check(self, caller: Caller, host: Host) -> RegistrySignIn:
        """Try a sign-in again; `failure` of the answer says why it does not work."""
        return await self._registries.check(host)

    @operation("DELETE", "/api/registries/{host}", scope="registries:write", risk="modify")
    async def remove(self, caller: Caller, host: Host) -> Done:
        """Forget a sign-in. What was fetched with it stays."""
        await self._registries.remove(host)
        return Done()
