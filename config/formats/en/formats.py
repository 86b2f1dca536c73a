"""How dates and times look. DAY_AND_TIME, DAY_AND_TIME_SECONDS, DATETIME_SECONDS and DAY are our own, not Django's."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y H:i"
DATETIME_SECONDS = "j M Y H:i:s"
DAY_AND_TIME = "j M H:i"
DAY_AND_TIME_SECONDS = "j M H:i:s"
DAY = "l, j F Y"
