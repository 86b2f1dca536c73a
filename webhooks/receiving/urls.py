from django.urls import path

from webhooks.receiving.token_endpoint import token
from webhooks.receiving.views import receive

app_name = "webhooks"
urlpatterns = [
    path("<slug:slug>/", receive, name="receive"),
    path("<slug:slug>/token/", token, name="token"),
]
