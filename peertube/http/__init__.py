"""How HTTP reaches us: site, bodies, ranges, authentication, parameters, problems."""
