# Copyright (C) 2026 ngx_http_payments_module contributors

import json
import logging
import pathlib
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shop import events

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Works on the events of the spool, for ever or --once."

    def add_arguments(self, parser):
        parser.add_argument("--spool", default=settings.PAYMENTS_SPOOL)
        parser.add_argument("--once", action="store_true")

    def handle(self, *, spool, once, **options):
        new = pathlib.Path(spool, "new")

        while True:
            # Their names sort by time
            files = sorted(new.glob("*.ndjson"))
            left = [file for file in files if not self.work_on(file)]

            if once and left:
                raise CommandError(f"{len(left)} files are left")
            if once:
                return

            time.sleep(1)

    def work_on(self, file):
        """True, and the file is gone, when all its events are done."""
        failed = 0

        # As bytes: only a newline ends a line
        with file.open("rb") as lines:
            for line in lines:
                try:
                    self.work_on_event(json.loads(line))
                except Exception:
                    logger.exception("%s", file)
                    failed += 1

        if not failed:
            file.unlink()

        return not failed

    def work_on_event(self, event):
        result = events.handle(event["source"], event["id"], event["data"])

        self.stdout.write(f"{event['id']} {event['type']}: {result}")
