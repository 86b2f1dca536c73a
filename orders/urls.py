from rest_framework.routers import SimpleRouter

from orders.api import JobViewSet

router = SimpleRouter()
router.register("jobs", JobViewSet)
urlpatterns = router.urls
