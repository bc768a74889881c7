"""The methods of CalTRACK 2.0 (docs.caltrack.org): usage per day for days and bills, computed here, and time of week
and temperature for hours, the library's."""
