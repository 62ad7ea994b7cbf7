"""Puts the accounts together."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from talome.accounts.audit.api import AuditLogApi
from talome.accounts.audit.service import AuditLog
from talome.accounts.auth.api import AuthApi, SetupApi
from talome.accounts.auth.service import Auth
from talome.accounts.auth.setup import SetupCode
from talome.accounts.confirmation import Confirmation
from talome.accounts.credentials import Credentials
from talome.accounts.factors import service as factors_service
from talome.accounts.factors.api import FactorsApi
from talome.accounts.factors.own import OwnFactors
from talome.accounts.factors.service import SecondStep
from talome.accounts.factors.store import FactorsStore
from talome.accounts.keys import service as keys_service
from talome.accounts.keys.api import KeysApi, RuntimeKeysApi
from talome.accounts.keys.runtime import RuntimeKeys
from talome.accounts.keys.service import ApiKeys
from talome.accounts.keys.store import KeysStore
from talome.accounts.sessions.api import SessionsApi
from talome.accounts.sessions.service import Sessions
from talome.accounts.sessions.store import SessionsStore
from talome.accounts.throttle import Throttle
from talome.accounts.users.api import UsersApi
from talome.accounts.users.passwords import Passwords
from talome.accounts.users.service import Users
from talome.accounts.users.store import UsersStore
from talome.accounts.users.watch import RightsWatch
from talome.accounts.workspaces.api import WorkspacesApi
from talome.accounts.workspaces.service import Workspaces
from talome.accounts.workspaces.store import WorkspacesStore
from talome.core.kernel import Kernel

MIGRATED = (
    "talome.accounts.users",
    "talome.accounts.sessions",
    "talome.accounts.factors",
    "talome.accounts.keys",
    "talome.accounts.workspaces",
    "talome.accounts.audit",
)
SETTINGS = (*factors_service.SETTINGS, *keys_service.SETTINGS)
APIS = (SetupApi, AuthApi, FactorsApi, UsersApi, SessionsApi, KeysApi, RuntimeKeysApi, WorkspacesApi, AuditLogApi)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who there is, and what turns a token into a caller."""

    users: Users
    credentials: Credentials
    keys: ApiKeys
    workspaces: Workspaces


async def open_accounts(stack: AsyncExitStack, kernel: Kernel, audit: AuditLog) -> Accounts:
    """Users, sessions, keys and the audit log; the audit log keeps what operations did."""
    users_store = UsersStore(kernel.db)
    users = Users(users_store, Passwords(), kernel.secrets, kernel.registry.scopes)
    sessions = Sessions(SessionsStore(kernel.db), users, kernel.secrets, kernel.events)
    keys = ApiKeys(KeysStore(kernel.db), users, kernel.events, lambda: kernel.user_settings.number(keys_service.MOST))
    workspaces = Workspaces(WorkspacesStore(kernel.db))
    await workspaces.start()
    for feature in (RightsWatch(users_store, kernel.events), sessions, keys):
        await feature.start()
        stack.push_async_callback(feature.stop)
    setup_code = SetupCode(users, kernel.settings.setup_code_file)
    await setup_code.start()
    factors_store, throttle = FactorsStore(kernel.db), Throttle()
    confirmation = Confirmation(users, throttle)
    second_step = SecondStep(
        factors_store, users, kernel.secrets, lambda: bool(kernel.user_settings.get(factors_service.REQUIRED))
    )
    own_factors = OwnFactors(
        factors_store, users, sessions, confirmation=confirmation, step=second_step, secrets=kernel.secrets
    )
    auth = Auth(users, sessions, throttle, confirmation=confirmation, second_step=second_step, setup_code=setup_code)
    kernel.registry.add(
        SetupApi(users, setup_code),
        AuthApi(auth),
        FactorsApi(own_factors),
        UsersApi(users),
        SessionsApi(sessions),
        KeysApi(keys),
        RuntimeKeysApi(RuntimeKeys(keys, workspaces)),
        WorkspacesApi(workspaces),
        AuditLogApi(audit),
    )
    return Accounts(users, Credentials(sessions, keys, throttle), keys, workspaces)
