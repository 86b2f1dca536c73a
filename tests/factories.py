import factory
from django.contrib.auth import get_user_model

from webhooks.models import Secret, Source


class SourceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Source

    name = factory.Sequence("InstaLeap {}".format)
    slug = factory.Sequence("instaleap-{}".format)
    provider = "instaleap"


class SecretFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Secret

    source = factory.SubFactory(SourceFactory)
    value = factory.Sequence("a secret {}".format)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = "ana"
    is_staff = True
    password = factory.django.Password("pw")
