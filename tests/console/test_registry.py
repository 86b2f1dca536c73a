"""What every extension point has in common."""

from console.registry import Extension, Registry


class User:
    def has_perm(self, perm):
        return perm == "orders.view_job"


def test_extensions_come_by_position_and_permission():
    registry = Registry()

    @registry.register
    class Last(Extension):
        position = 2

    @registry.register
    class Hidden(Extension):
        position = 1
        permission = "webhooks.view_source"

    @registry.register
    class First(Extension):
        position = 1
        permission = "orders.view_job"

    assert [type(one) for one in registry] == [Hidden, First, Last]
    assert [type(one) for one in registry.for_user(User())] == [First, Last]
