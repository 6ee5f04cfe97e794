"""The gateway as witness of the regions' logs: it keeps each one's last head, and names a log that forks.

A region can prove to anybody that its log only grew since a head they kept. The gateway keeps heads for
everybody, so that a region cannot show one history to some and another to others, nor forget one.
No head says anything of a learner.
"""
