"""Tells twistd that there is a service called peertube."""

from twisted.application.service import ServiceMaker

serviceMaker = ServiceMaker("peertube", "peertube.tap", "A federated video node.", "peertube")
