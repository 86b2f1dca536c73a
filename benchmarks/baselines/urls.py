from django.urls import path

from benchmarks.baselines import views
from config.urls import urlpatterns as product

urlpatterns = [*product, path("nothing/", views.nothing), path("typical/", views.Typical.as_view())]
