#!/usr/bin/env python3

# Copyright (C) 2026 ngx_http_payments_module contributors

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
execute_from_command_line(sys.argv)
