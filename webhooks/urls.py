from django.urls import path

from webhooks.token_view import token
from webhooks.views import receive

app_name = "webhooks"
urlpatterns = [
    path("<slug:slug>/", receive, name="receive"),
    path("<slug:slug>/token/", token, name="token"),
]
