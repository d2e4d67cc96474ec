"""The grammar that tiny-search was trained on: what people of a small town say, in several wordings each.

An event is a paragraph of EVENTS: a name, then one wording a line. Lines that begin with "?" are questions that the event
answers; lines that begin with "!" are kept out of training and serve to measure. Slots:
    {p} {q}   people        {t} a thing      {l} a place with its preposition     {f} food      {a} an animal
    {d} a day or a time     {m} a mood       {k} kin                              {i} an instrument
A slot draws a meaning and then one of the words for it (cup, mug), so two wordings of one event may share no word.
Everything here was written for this project; no outside text is used.
"""
import random

PEOPLE = ("mira ana lena sofi nora ida rosa ella tara vera kaya lucy hana zoe maya tom ben jonas emil karl oskar paul leo milan felix noah samir tim anton hugo".split()
          + ["my brother", "my sister", "our teacher", "the doctor", "the baker", "our neighbour", "my friend", "the boy", "the girl", "the old man", "the old woman",
             "a man", "a woman", "a child", "somebody", "my uncle", "my aunt", "the farmer", "the postman"])
SLOTS = {
    "t": "key|cup,mug|bicycle,bike|umbrella|watch,clock|book|letter|coat,jacket|hat,cap|bag,backpack|lamp,light|radio|phone,telephone|chair|window|camera|ball|knife|shoe,boot|ring|glasses,spectacles|scarf|blanket|ticket|wallet,purse|car,automobile|computer,laptop|kite|doll|boat,ship",
    "l": "in the garden|in the kitchen|in the park|at school|at the market|in the forest,in the woods|in the library|in the village|in the cellar,in the basement|at the station|on the beach,by the sea|at the lake|in the street,on the road|on the bus|at the office,at work|in the hospital|in the shop,in the store|on the bridge|at home,in the house|at the harbour,in the port|in the church|in the mountains|at the farm|in the town,in the city",
    "f": "bread|cheese|cake|soup|fish|rice|an apple,apples|eggs|pancakes|a salad|potatoes|noodles,pasta|honey|chocolate|a pie|beans",
    "a": "dog,puppy|cat,kitten|horse,pony|cow|goat|bird|hen,chicken|rabbit|mouse|fox|donkey|pig|sheep,lamb|snail,slug|duck",
    "d": "today|yesterday|tomorrow|on monday|on sunday|on friday|this morning|this evening,tonight|last week|last night|next week|in summer|in winter|on saturday",
    "m": "happy,glad,cheerful|sad,unhappy|angry,furious,cross|afraid,scared,frightened|tired,sleepy|proud|lonely,alone|surprised,astonished|worried,anxious|bored|ill,sick|hungry",
    "k": "mother,mum|father,dad|grandmother,granny|grandfather,grandpa|son|daughter|wife|husband|cousin",
    "i": "guitar|piano|violin,fiddle|drum,drums|flute|trumpet",
}
SLOTS = {slot: [meaning.split(",") for meaning in text.split("|")] for slot, text in SLOTS.items()}
SLOTS["p"] = SLOTS["q"] = [[name] for name in PEOPLE]

EVENTS = """
lose
{p} lost the {t} {l}
the {t} of {p} is gone , it was last seen {l}
{p} can not find the {t} any more , it must be {l}
{l} , {p} dropped the {t} and went on without it
!the {t} is missing since {p} was {l}
? where did {p} lose the {t}
? what did {p} lose {l}
!? what is {p} missing

find
{p} found the {t} {l}
the {t} was {l} , and {p} saw it
{l} , {p} came upon the {t}
!it was {p} who discovered the {t} {l}
? who found the {t}
? where was the {t} found
!? who saw the {t} {l}

break
{p} broke the {t}
the {t} of {p} does not work any more
the {t} is broken , {p} dropped it
{p} has damaged the {t}
!the {t} of {p} is out of order
? what did {p} break
? who broke the {t}
!? who damaged the {t}

repair
{p} repaired the {t}
{p} mended the {t} , and it works again
the {t} was fixed by {p}
!thanks to {p} the {t} is as good as new
? who repaired the {t}
? who can fix the {t}
!? what did {p} mend

buy
{p} bought the {t} {l}
{l} , {p} paid for the {t}
{p} got the {t} {l} for little money
!the new {t} of {p} comes from a seller {l}
? what did {p} buy {l}
? where did {p} buy the {t}
!? what did {p} pay for {l}

sell
{p} sold the {t} {d}
{p} got money for the {t} {d}
{d} , the {t} of {p} found a buyer
!somebody paid {p} for the {t} {d}
? who sold the {t}
? what did {p} sell {d}

give
{p} gave the {t} to {q}
{q} got the {t} from {p}
{p} brought {q} the {t} as a present
the {t} is a gift from {p} to {q}
!{p} handed the {t} over to {q}
? who gave the {t} to {q}
? what did {q} get from {p}
!? from whom did {q} get the {t}

borrow
{q} borrowed the {t} from {p}
{p} lent the {t} to {q}
{p} lets {q} use the {t} for a few days
!{q} has the {t} of {p} on loan
? who borrowed the {t}
? to whom did {p} lend the {t}

steal
a thief took the {t} of {p} {l}
somebody stole the {t} of {p} {l}
{l} , {p} was robbed of the {t}
!{p} told the police that the {t} was stolen {l}
? what was stolen from {p}
? where was the {t} of {p} stolen

cook
{p} cooked {f} for {q}
{p} made {f} in the kitchen , and {q} was the guest
{q} gets {f} for dinner from {p}
!{p} stood at the stove and prepared {f} for {q}
? what did {p} cook for {q}
? who made {f}
!? who prepared {f} for {q}

eat
{p} ate {f} {l}
{l} , {p} had {f} for lunch
{f} was the meal of {p} {l}
!{p} enjoyed a plate of {f} {l}
? what did {p} eat {l}
? where did {p} have {f}

hungry
{p} wants something to eat
{p} is hungry
{p} has an empty stomach
!it is time for {p} to have a meal
? who is hungry
? does {p} need food

thirsty
{p} wants something to drink
{p} is thirsty
{p} needs a glass of water
!{p} has a dry throat
? who is thirsty
? does {p} need a drink

sleep
{p} is sleeping {l}
{p} lies in bed {l} and dreams
{l} , {p} takes a nap
!{p} has fallen asleep {l}
? where is {p} sleeping
? who takes a nap {l}

ill
{p} is ill and stays in bed {d}
{d} , {p} has a fever
{p} caught a cold {d}
{p} does not feel well {d}
!{d} the health of {p} is bad
? who is ill
? what is wrong with {p}

doctor
{p} went to the hospital {d}
{d} , {p} had to see a doctor
{p} needs medical help {d}
!an ambulance came for {p} {d}
? who needs a doctor
? when did {p} go to the hospital

mood
{p} is {m} {d}
{d} , {p} feels {m}
{p} was very {m} {d}
!{d} you can see that {p} is {m}
? how does {p} feel {d}
? who is {m} {d}

music
{p} is playing the {i} {l}
{l} , {p} makes music on the {i}
{p} plays a song {l} with a {i}
you can hear the {i} of {p} {l}
somebody makes music {l} , it is {p} with the {i}
!a tune on the {i} comes from {p} {l}
? who plays the {i}
? where does {p} make music
? who makes music

sing
{p} is singing a song {l}
{l} , you can hear the voice of {p}
{p} sings {l}
!a melody comes from the mouth of {p} {l}
? who sings {l}
? where is {p} singing

dance
{p} and {q} are dancing {l}
{l} , {p} dances with {q}
{p} danced with {q} all night {l}
!{p} and {q} moved to the music {l}
? who danced with {q}
? where did {p} and {q} dance

rain
it is raining {l} {d}
{d} , it rained {l}
dark clouds came {d} , and everybody {l} got wet
{d} you need an umbrella {l}
!drops fall from the sky {l} {d}
? was it wet {l} {d}
? when did it rain {l}
? how is the weather {l} {d}

sun
the sun shines {l} {d}
{d} , it is warm and bright {l}
it is a beautiful day {l} {d}
there is not a cloud in the sky {l} {d}
!{d} the sky {l} is blue
? is it warm {l} {d}
? how is the weather {l} {d}

snow
it is snowing {l} {d}
{d} , everything {l} is white and cold
there is ice and snow {l} {d}
!{d} white flakes fall {l}
? is it cold {l} {d}
? when did it snow {l}
? how is the weather {l} {d}

storm
a strong wind blows {l} {d}
{d} , a storm came over the people {l}
there was thunder and lightning {l} {d}
!{d} the wind took the roof off {l}
? when was the storm {l}
? how is the weather {l} {d}

late
the bus of {p} is late {d}
{d} , {p} waits a long time for the bus
the train of {p} has a delay {d}
{p} missed the train {d}
!{d} {p} does not arrive on time
? why is {p} late {d}
? who waits for the bus

travel
{p} travels by train to {q}
{p} is on a journey to visit {q}
{p} left home and is on the way to {q}
!{p} packed a bag for a trip to {q}
? who visits {q}
? where is {p} going

arrive
{p} came home {d}
{d} , {p} arrived at the house
{p} is back again {d}
!{d} {p} stood at the door again
? when did {p} come home
? who is back {d}

work
{p} works hard {l} {d}
{d} , {p} has a lot to do {l}
{p} earns money {l} {d}
!{d} {p} has no free time , there is so much to do {l}
? where does {p} work {d}
? who is busy {l}

job
{p} lost the job {d}
{d} , {p} was dismissed
{p} is looking for new work {d}
!{d} the boss sent {p} away for good
? who needs a job
? what happened to {p} {d}

learn
{p} learns to read and write {l}
{l} , {p} has lessons
{p} is a student {l}
!a teacher helps {p} with the letters {l}
? what does {p} do {l}
? who has lessons {l}

read
{p} is reading a story {l}
{l} , {p} sits with a novel
{p} turns the pages of a book {l}
!{p} has the nose in a novel {l}
? what is {p} reading {l}
? who reads {l}

write
{p} wrote a letter to {q} {d}
{d} , {q} got mail from {p}
{p} sent {q} a long message {d}
!{d} the postman brought {q} some lines from {p}
? who wrote to {q}
? to whom did {p} write {d}

call
{p} called {q} on the phone {d}
{d} , {p} and {q} had a talk on the telephone
{p} rang {q} up {d}
!{d} {q} heard the voice of {p} on the line
? who called {q}
? when did {p} phone {q}

wedding
{p} and {q} got married {d}
{d} , {p} and {q} had a wedding
{p} is the bride and {q} the groom {d}
!{d} {p} said yes to {q}
? whom did {p} marry
? when is the wedding of {p} and {q}

birthday
{p} has a birthday {d}
{d} , {p} gets a cake with candles
{p} is one year older {d}
!{d} everybody brings presents to {p}
? when is the birthday of {p}
? how old is {p} {d}

baby
the {k} of {p} had a baby {d}
{d} , a child was born to the {k} of {p}
there is a new baby in the family of {p} {d} , says the {k}
!{d} the {k} of {p} gave birth
? who had a baby
? when was the baby born

family
{p} lives with the {k} {l}
the {k} of {p} has a room {l}
{l} , {p} shares a flat with the {k}
!{p} and the {k} have the same home {l}
? with whom does {p} live
? where does the {k} of {p} live

pet
{p} has a {a} {l}
the {a} of {p} lives {l}
{l} , {p} keeps a {a}
!a {a} is the best friend of {p} {l}
? which animal does {p} have
? where is the {a} of {p}

animalgone
the {a} of {p} ran away {d}
{d} , {p} looks for the lost {a}
{p} can not find the {a} {d}
!{d} the {a} did not come back to {p}
? what happened to the {a}
? which animal ran away from {p}

animaleat
the {a} ate the {f} of {p}
{p} has no {f} left , the {a} had it
the {a} took {f} from the table of {p}
!nothing remains of the {f} of {p} since the {a} came
? who ate the {f} of {p}
? what did the {a} eat

garden
{p} plants flowers and trees {l}
{p} waters the roses {l}
{l} , {p} digs a bed for vegetables
!{p} grows plants {l}
? who works with plants {l}
? what does {p} grow {l}

pest
the {a} ate the lettuce {l}
the vegetables {l} have holes because of the {a}
{l} , a {a} damaged the plants
!the leaves {l} were bitten by a {a}
? what ate the lettuce {l}
? which animal damaged the plants

clean
{p} cleans the room {l}
{p} washed the floor {l}
{l} , {p} took all the dirt away
!{p} made everything tidy {l}
? who washed the floor
? where did {p} clean

fire
there was a fire {l} {d}
{d} , a house {l} burned down
the firemen came {d} because of smoke {l}
!{d} flames destroyed a building {l}
? what burned {l}
? when was the fire {l}

flood
there was a flood {l} {d}
{d} , the water stood high {l}
the river came over the banks {d} , and it was wet {l}
!{d} people {l} needed boats in their rooms
? where was the flood
? when did the river rise {l}

accident
{p} had an accident with the {t} {l}
{l} , {p} fell and was hurt by the {t}
{p} was injured {l} because of the {t}
!the {t} hit {p} {l}
? who was hurt {l}
? where did {p} have an accident

game
{p} and {q} play football {l}
{l} , {p} won a match against {q}
{p} plays a game with {q} {l}
!{p} scored a goal against {q} {l}
? who plays with {q}
? who won the game {l}

run
{p} is faster than {q}
{p} won the race against {q}
{q} was slower than {p}
!{p} ran past {q}
? who won the race
? who is faster than {q}

swim
{p} swims in the water {l}
{l} , {p} takes a bath
{p} jumped into the water {l}
!{p} dives and gets wet {l}
? who swims {l}
? where does {p} swim

quarrel
{p} and {q} shout at each other {d}
{d} , {p} had a quarrel with {q}
{p} does not speak to {q} any more {d}
!{d} there were hard words between {p} and {q}
? with whom did {p} quarrel
? who is cross with {q}

thank
{p} thanked {q} for the {t}
{q} heard thank you from {p} because of the {t}
{p} is grateful to {q} for the {t}
!{p} does not know how to thank {q} for the {t}
? why did {p} thank {q}
? who is grateful to {q}

help
{p} helped {q} {l}
{q} got help from {p} {l}
{l} , {p} did the work together with {q}
!{p} lent {q} a hand {l}
? who helped {q}
? where did {p} help {q}

password
i forgot my password
how do i reset my password
i can not log in to my account
i need a new password
!my login does not work any more
? how can i change my password
? what can i do if i can not log in

order
my parcel has not arrived {d}
{d} , i am still waiting for my order
where is the {t} that i ordered {d}
the {t} was not delivered {d}
!{d} the shop did not send me the {t}
? when does my parcel come
? where is my order

refund
i want to send the {t} back
how can i return the {t}
i want my money back for the {t}
i do not like the {t} that i bought
!please take the {t} back and pay me
? can i get my money back for the {t}
? how do i return the {t}

price
the {t} is too expensive {l}
the price of the {t} is very high {l}
{l} , nobody can pay for a {t}
!a {t} costs a lot of money {l}
? how much is the {t} {l}
? is the {t} cheap {l}

shares
the stock market fell sharply {d}
{d} , shares lost much of their value
prices at the stock market went down {d}
!{d} investors lost money with their shares
? what happened at the stock market {d}
? did shares fall {d}

open
the shop {l} is open {d}
{d} , you can buy things {l}
the shop {l} opens its doors {d}
!{d} the owner lets customers in {l}
? is the shop {l} open {d}
? when can i buy something {l}

closed
the shop {l} is closed {d}
{d} , you can not buy anything {l}
the shop {l} is shut {d}
!{d} the doors {l} stay locked
? is the shop {l} closed {d}
? why can i not buy anything {l}

heat
the heating {l} does not work {d}
{d} , it is cold in the rooms {l}
nobody has warm water {l} {d}
!{d} the radiators {l} stay cold
? why is it cold in the rooms {l}
? who can fix the heating {l}

leak
the roof {l} leaks {d}
{d} , water drips from the ceiling {l}
there is a hole in the roof {l} {d}
!{d} the rain comes in {l}
? why is the floor wet {l}
? what is wrong with the roof {l}

power
there is no electricity {l} {d}
{d} , the lights went out {l}
it is dark {l} {d} because the power is off
!{d} all the lamps {l} stayed black
? why is it dark {l}
? when does the power come back {l}
"""


def read(text):
    events = []
    for paragraph in text.strip().split("\n\n"):
        name, *lines = paragraph.split("\n")
        kinds = {"train": [], "held": [], "ask": [], "ask held": []}
        for line in lines:
            held = line.startswith("!")
            line = line.lstrip("!")
            ask = line.startswith("?")
            line = line.lstrip("? ")
            kinds[("ask held" if held else "ask") if ask else ("held" if held else "train")].append(line + (" ?" if ask else " ."))
        events.append((name, kinds))
    return events


EVENTS = read(EVENTS)


def invented(rng):
    """A name that nobody has: the tokenizer spells it."""
    return "".join(rng.choice("b d f g j k l m n p r s t v z br dr kr st tr".split()) + rng.choice("a e i o u".split()) for _ in range(rng.choice([2, 2, 3]))) + rng.choice(["", "", "n", "l", "s"])


def draw(rng):
    """Meanings for all slots; p and q differ."""
    slots = {slot: rng.choice(meanings) for slot, meanings in SLOTS.items()}
    for slot in "pq":
        if rng.random() < 0.08:
            slots[slot] = [invented(rng)]
    while slots["q"] == slots["p"]:
        slots["q"] = rng.choice(SLOTS["q"])
    return slots


def fill(rng, pattern, slots):
    for slot, words in slots.items():
        if "{" + slot + "}" in pattern:
            pattern = pattern.replace("{" + slot + "}", rng.choice(words))
    return pattern


def asked(pattern):
    return tuple(slot for slot in SLOTS if "{" + slot + "}" in pattern)


def words():
    """The vocabulary: every word of the grammar."""
    found = set()
    for _, kinds in EVENTS:
        for patterns in kinds.values():
            for pattern in patterns:
                found.update(word for word in pattern.split() if "{" not in word)
    for meanings in SLOTS.values():
        for meaning in meanings:
            for word in meaning:
                found.update(word.split())
    return sorted(word for word in found if len(word) > 1 and word.isalpha())


if __name__ == "__main__":
    rng = random.Random(1)
    for _ in range(12):
        name, kinds = rng.choice(EVENTS)
        slots = draw(rng)
        print(name, "|", fill(rng, rng.choice(kinds["train"]), slots), "|", fill(rng, rng.choice(kinds["ask"] or kinds["train"]), slots))
    print(len(EVENTS), "events,", len(words()), "words,", sum(len(p) for _, k in EVENTS for p in k.values()), "wordings")
